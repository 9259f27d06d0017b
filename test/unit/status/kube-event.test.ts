import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podUid } from '../../../src/model/ids.ts'
import type { PodEventBody } from '../../../src/model/pod-event.ts'
import { kubeEvent, nodeEvent } from '../../../src/status/kube-event.ts'

const pod = { uid: podUid('uid'), namespace: 'default', name: 'web' }
const main = { containerName: 'main' }
const image = { ...main, image: 'nginx:1' }

const noClusterDns =
  'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'

/** `type reason: message`, with the container's name behind it where the event is about one. */
function told(event: PodEventBody): string | undefined {
  const text = kubeEvent({ pod, atMs: 0, ...event })
  if (text === undefined) return undefined
  return `${text.type} ${text.reason}: ${text.message}${'containerName' in event ? ` [${event.containerName}]` : ''}`
}

describe('kubeEvent', () => {
  const texts: readonly (readonly [event: PodEventBody, text: string])[] = [
    [{ kind: 'sandbox-changed' }, 'Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.'],
    [{ kind: 'sandbox-failed', message: 'oops' }, 'Warning FailedCreatePodSandBox: Failed to create pod sandbox: oops'],
    [{ kind: 'cluster-dns-missing' }, `Warning MissingClusterDNS: pod: "web_default(uid)". ${noClusterDns}`],
    [
      { kind: 'dns-cut', line: 'nameserver', applied: ['1.1.1.1', '2.2.2.2', '3.3.3.3'] },
      'Warning DNSConfigForming: Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3',
    ],
    [
      { kind: 'dns-cut', line: 'search', applied: ['a.example', 'b.example'] },
      'Warning DNSConfigForming: Search Line limits were exceeded, some search paths have been omitted, the applied search line is: a.example b.example',
    ],
    [
      { kind: 'image-present', ...image },
      'Normal Pulled: Container image "nginx:1" already present on machine and can be accessed by the pod [main]',
    ],
    [
      { kind: 'pull-secrets-unusable', secretNames: ['a', 'b'], message: 'not there' },
      'Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed.',
    ],
    [{ kind: 'pull-started', ...image }, 'Normal Pulling: Pulling image "nginx:1" [main]'],
    [
      {
        kind: 'pull-progress',
        ...image,
        progress: { layers: 2, layersDone: 1, downloadedBytes: 1_000_000, totalBytes: undefined },
      },
      'Normal Pulling: Pulling image "nginx:1": 1 of 2 layers, 1.0MB so far [main]',
    ],
    [
      { kind: 'pull-finished', ...image, durationMs: 1234.9, waitedMs: 60_000.5, sizeBytes: 1234 },
      'Normal Pulled: Successfully pulled image "nginx:1" in 1.234s (1m1.235s including waiting). Image size: 1234 bytes. [main]',
    ],
    [{ kind: 'pull-failed', ...image, message: 'no' }, 'Warning Failed: Failed to pull image "nginx:1": no [main]'],
    [{ kind: 'pull-back-off', ...image }, 'Normal BackOff: Back-off pulling image "nginx:1" [main]'],
    [{ kind: 'image-never-pull', ...main, message: 'not there' }, 'Warning ErrImageNeverPull: not there [main]'],
    [{ kind: 'image-inspect-failed', ...main, message: 'bad name' }, 'Warning InspectFailed: bad name [main]'],
    [{ kind: 'container-created', ...main, durationMs: 5 }, 'Normal Created: Container created [main]'],
    [{ kind: 'container-started', ...main, attempt: 1, durationMs: 5 }, 'Normal Started: Container started [main]'],
    [
      { kind: 'container-failed', ...main, reason: 'CreateContainerError', message: 'no such image' },
      'Warning Failed: Error: no such image [main]',
    ],
    [
      { kind: 'container-killing', ...main, message: 'Stopping container main' },
      'Normal Killing: Stopping container main [main]',
    ],
    [
      { kind: 'hook-failed', hook: 'postStart', ...main, message: 'with a secret' },
      'Warning FailedPostStartHook: PostStartHook failed [main]',
    ],
    [
      { kind: 'hook-failed', hook: 'preStop', ...main, message: 'with a secret' },
      'Warning FailedPreStopHook: PreStopHook failed [main]',
    ],
    [
      { kind: 'hook-fell-back', address: '10.0.0.5:80' },
      'Warning LifecycleHTTPFallback: request to HTTPS lifecycle hook 10.0.0.5:80 got HTTP response, retry with HTTP succeeded',
    ],
    [
      { kind: 'kill-failed', container: 'main', message: 'Error response from daemon: no' },
      'Warning FailedKillPod: error killing pod: failed to "KillContainer" for "main" with KillContainerError: "Error response from daemon: no"',
    ],
    [
      { kind: 'container-back-off', ...main, delayMs: 10_000 },
      'Warning BackOff: Back-off restarting failed container main in pod web_default(uid) [main]',
    ],
    [
      { kind: 'volume-failed', step: 'set-up', volumeName: 'data', message: 'is not a directory' },
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : is not a directory',
    ],
    [
      { kind: 'volume-failed', step: 'node-affinity', volumeName: 'pv-1', message: 'no matching NodeSelectorTerms' },
      'Warning FailedMount: MountVolume.NodeAffinity check failed for volume "pv-1" : no matching NodeSelectorTerms',
    ],
    [
      { kind: 'volume-slow', message: 'Setting volume ownership for a, processed 4 files.' },
      'Warning VolumePermissionChangeInProgress: Setting volume ownership for a, processed 4 files.',
    ],
    [
      { kind: 'volumes-unprocessed', unmounted: ['a', 'b', 'c'], unprocessed: ['a', 'c'], message: 'why; and why' },
      'Warning FailedMount: Unable to attach or mount volumes: unmounted volumes=[a b c], unattached volumes=[], failed to process volumes=[a c]: why; and why',
    ],
    [
      { kind: 'field-beyond-host', path: 'spec.securityContext.seLinuxOptions', lacking: 'SELinux' },
      "Warning UnsupportedField: spec.securityContext.seLinuxOptions is ignored: Docker's host has no SELinux",
    ],
    [
      { kind: 'field-unsupported', path: 'spec.containers[0].livenessProbe', consequence: 'ignored' },
      'Warning UnsupportedField: spec.containers[0].livenessProbe is not supported by minikubelet: it is ignored',
    ],
    [
      { kind: 'field-unsupported', path: 'spec.volumes[0].csi', consequence: 'unmounted' },
      'Warning UnsupportedField: spec.volumes[0].csi is not supported by minikubelet: no container starts that mounts it',
    ],
    [
      { kind: 'field-unsupported', path: 'spec.hostPID', consequence: 'refused' },
      'Warning UnsupportedField: spec.hostPID is not supported by minikubelet: the container does not start without it',
    ],
    [
      { kind: 'probe-failed', ...main, probe: 'liveness', output: 'no such file' },
      'Warning Unhealthy: Liveness probe failed: no such file [main]',
    ],
    [
      { kind: 'probe-errored', ...main, probe: 'startup', state: 'unknown', message: 'no such port' },
      'Warning Unhealthy: Startup probe errored and resulted in unknown state: no such port [main]',
    ],
    [
      { kind: 'probe-warned', ...main, probe: 'readiness', output: 'Probe terminated redirects, Response body: x' },
      'Warning ProbeWarning: Readiness probe warning: Probe terminated redirects, Response body: x [main]',
    ],
    [{ kind: 'pod-rejected', reason: 'OutOfpods', message: 'Pod was rejected' }, 'Warning OutOfpods: Pod was rejected'],
    [{ kind: 'pod-ended', reason: 'DeadlineExceeded', message: 'late' }, 'Normal DeadlineExceeded: late'],
    [{ kind: 'pod-ended', reason: 'Preempting', message: 'in the way' }, 'Warning Preempting: in the way'],
    [
      { kind: 'pod-overdue' },
      'Warning ExceededGracePeriod: Container runtime did not kill the pod within specified grace period.',
    ],
  ]
  for (const [event, text] of texts) {
    it(`tells of ${event.kind}: ${text}`, () => assert.equal(told(event), text))
  }

  const silent: readonly PodEventBody[] = [
    { kind: 'pod-seen', source: 'api' },
    { kind: 'pull-secret-ignored', secretName: 'a', message: 'of another type' },
    { kind: 'sandbox-created', attempt: 0, durationMs: 1 },
    { kind: 'sandbox-started', ips: [], durationMs: 1 },
    { kind: 'sandbox-stopped', durationMs: 1 },
    { kind: 'container-killed', ...main, durationMs: 1 },
    { kind: 'container-exited', ...main, exitCode: 1, reason: 'Error', finishedAtMs: 0 },
    { kind: 'container-probed', ...main, started: true, ready: true, failed: undefined },
    { kind: 'sync-failed', message: 'Docker is away' },
    { kind: 'status-sent', phase: 'Running', ready: true, durationMs: 1, changedAtMs: 0 },
    { kind: 'pod-removed' },
  ]
  for (const event of silent) {
    it(`leaves ${event.kind} to the log`, () => assert.equal(told(event), undefined))
  }
})

describe('nodeEvent', () => {
  const ofNode = (event: PodEventBody) => nodeEvent({ pod, atMs: 0, ...event })

  it('tells the Node that no name server of the cluster is known, and nothing else', () => {
    assert.deepEqual(ofNode({ kind: 'cluster-dns-missing' }), {
      type: 'Warning',
      reason: 'MissingClusterDNS',
      message: noClusterDns,
    })
    assert.equal(ofNode({ kind: 'sandbox-failed', message: 'oops' }), undefined)
  })
})
