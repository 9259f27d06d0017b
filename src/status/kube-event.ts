import type { PodEvent } from '../model/pod-event.ts'
import { formatPod } from '../model/pod.ts'
import { pullProgressText } from '../model/pull-progress.ts'
import { resizeText } from './resize-text.ts'
import { goDuration } from '../util/go-duration.ts'

/** A Kubernetes Event in the kubelet's words. */
export interface KubeEventText {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/**
 * What of the Pod's way is worth a Kubernetes Event, with the reasons and messages of kubelet 1.36 (pkg/kubelet/events/
 * event.go and its users); `undefined` for what only the log tells.
 */
export function kubeEvent(event: PodEvent): KubeEventText | undefined {
  const normal = (reason: string, message: string): KubeEventText => ({ type: 'Normal', reason, message })
  const warning = (reason: string, message: string): KubeEventText => ({ type: 'Warning', reason, message })
  switch (event.kind) {
    case 'sandbox-changed':
      return normal('SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    case 'sandbox-failed':
      return warning('FailedCreatePodSandBox', `Failed to create pod sandbox: ${event.message}`)
    case 'cluster-dns-missing':
      return warning('MissingClusterDNS', `pod: "${formatPod(event.pod)}". ${clusterDnsMissing}`)
    case 'dns-cut': {
      const texts = { nameserver: ['Nameserver', 'nameservers'], search: ['Search Line', 'search paths'] } as const
      const [what, omitted] = texts[event.line]
      const message = `${what} limits were exceeded, some ${omitted} have been omitted, the applied ${event.line} line is: ${event.applied.join(' ')}`
      return warning('DNSConfigForming', message)
    }
    case 'cgroup-failed':
      return warning('FailedCreatePodContainer', `unable to ensure pod container exists: ${event.message}`)
    case 'image-present':
      return normal(
        'Pulled',
        `Container image "${event.image}" already present on machine and can be accessed by the pod`,
      )
    case 'pull-secrets-unusable':
      return warning(
        'FailedToRetrieveImagePullSecret',
        `Unable to retrieve some image pull secrets (${event.secretNames.join(', ')}); attempting to pull the image may not succeed.`,
      )
    case 'pull-started':
      return normal('Pulling', `Pulling image "${event.image}"`)
    case 'pull-progress':
      return normal('Pulling', pullProgressText(event.image, event.progress))
    case 'pull-finished':
      return normal('Pulled', pulledMessage(event))
    case 'pull-failed':
      return warning('Failed', `Failed to pull image "${event.image}": ${event.message}`)
    case 'pull-back-off':
      return normal('BackOff', `Back-off pulling image "${event.image}"`)
    case 'image-never-pull':
      return warning('ErrImageNeverPull', event.message)
    case 'image-inspect-failed':
      return warning('InspectFailed', event.message)
    case 'container-created':
      return normal('Created', 'Container created')
    case 'container-started':
      return normal('Started', 'Container started')
    case 'container-failed':
      return warning('Failed', `Error: ${event.message}`)
    case 'container-killing':
      return normal('Killing', event.message)
    case 'hook-failed': {
      const name = event.hook === 'postStart' ? 'PostStart' : 'PreStop'
      // Not why: that may hold secrets.
      return warning(`Failed${name}Hook`, `${name}Hook failed`)
    }
    case 'hook-fell-back':
      return warning(
        'LifecycleHTTPFallback',
        `request to HTTPS lifecycle hook ${event.address} got HTTP response, retry with HTTP succeeded`,
      )
    case 'kill-failed': {
      const { container, message } = event
      return warning(
        'FailedKillPod',
        `error killing pod: failed to "KillContainer" for "${container}" with KillContainerError: "${message}"`,
      )
    }
    case 'container-back-off': {
      const message = `Back-off restarting failed container ${event.containerName} in pod ${formatPod(event.pod)}`
      return warning('BackOff', message)
    }
    case 'probe-failed':
      return warning('Unhealthy', `${probeNames[event.probe]} probe failed: ${event.output}`)
    case 'probe-errored': {
      const { probe, state, message } = event
      return warning('Unhealthy', `${probeNames[probe]} probe errored and resulted in ${state} state: ${message}`)
    }
    case 'probe-warned':
      return warning('ProbeWarning', `${probeNames[event.probe]} probe warning: ${event.output}`)
    case 'volume-failed':
      return warning('FailedMount', `${mountSteps[event.step]} for volume "${event.volumeName}" : ${event.message}`)
    case 'volume-group-conflict': {
      const { volumeName, wanted, found } = event
      return warning(
        'AlreadyMountedVolume',
        `The requested fsGroup is ${wanted}, but the volume ${volumeName} has GID ${found}. The volume may not be shareable.`,
      )
    }
    case 'volumes-unprocessed': {
      const { unmounted, unprocessed, message } = event
      const lists = `unmounted volumes=[${unmounted.join(' ')}], unattached volumes=[], failed to process volumes=[${unprocessed.join(' ')}]`
      return warning('FailedMount', `Unable to attach or mount volumes: ${lists}: ${message}`)
    }
    case 'volume-slow':
      return warning('VolumePermissionChangeInProgress', event.message)
    case 'field-unsupported':
      return warning(
        'UnsupportedField',
        `${event.path} is not supported by minikubelet: ${consequences[event.consequence]}`,
      )
    case 'field-beyond-host':
      return warning('UnsupportedField', `${event.path} is ignored: Docker's host has no ${event.lacking}`)
    case 'pod-rejected':
      return warning(event.reason, event.message)
    case 'pod-ended':
      // That its time is up is no fault, to the kubelet.
      return (event.reason === 'DeadlineExceeded' ? normal : warning)(event.reason, event.message)
    case 'resize-started':
      return normal('ResizeStarted', resizeText('started', event.resources))
    case 'resize-completed':
      return normal('ResizeCompleted', resizeText('completed', event.resources))
    case 'resize-deferred':
      return warning('ResizeDeferred', resizeText(event.reason, event.resources, event.error))
    case 'resize-failed':
      return warning('ResizeError', resizeText('error', event.resources, event.error))
    case 'pod-overdue':
      return warning('ExceededGracePeriod', 'Container runtime did not kill the pod within specified grace period.')
    case 'pod-seen':
    case 'pull-secret-ignored':
    case 'sandbox-created':
    case 'sandbox-started':
    case 'sandbox-stopped':
    case 'container-killed':
    case 'container-exited':
    case 'container-probed':
    case 'sync-failed':
    case 'status-sent':
    case 'pod-removed':
      return undefined
    default:
      return event satisfies never
  }
}

const clusterDnsMissing =
  'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'

/** What of a Pod's way the Node is told of too. */
export function nodeEvent({ kind }: PodEvent): KubeEventText | undefined {
  if (kind !== 'cluster-dns-missing') return undefined
  return { type: 'Warning', reason: 'MissingClusterDNS', message: clusterDnsMissing }
}

const probeNames = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const

const mountSteps = {
  'node-affinity': 'MountVolume.NodeAffinity check failed',
  'new-mounter': 'MountVolume.NewMounter initialization failed',
  'mount-options': 'MountVolume.MountOptionSupport check failed',
  'mount-device': 'MountVolume.MountDevice failed',
  'set-up': 'MountVolume.SetUp failed',
} as const

const consequences = {
  ignored: 'it is ignored',
  refused: 'the container does not start without it',
  unmounted: 'no container starts that mounts it',
} as const

function pulledMessage(event: Extract<PodEvent, { kind: 'pull-finished' }>): string {
  const { image, durationMs, waitedMs, sizeBytes } = event
  const pulling = goDuration(Math.trunc(durationMs))
  const all = goDuration(Math.trunc(durationMs + waitedMs))
  return `Successfully pulled image "${image}" in ${pulling} (${all} including waiting). Image size: ${sizeBytes} bytes.`
}
