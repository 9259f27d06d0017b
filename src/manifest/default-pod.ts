/** The API server's defaulting of a v1 Pod (pkg/apis/core/v1/defaults.go), as far as a node can tell the difference. */
import { hasLatestTag } from '../model/pod.ts'
import type { ContainerSpec, Pod, PodSpec } from '../model/kube.ts'
import { defaultPodResources } from './default-pod-resources.ts'
import { defaultHandler, defaultProbe } from './default-probe.ts'
import { defaultVolume } from './default-volume.ts'

/** Fills in what the API server would have filled in. */
export function defaultPod(pod: Pod): Pod {
  const spec = defaultSpec(pod.spec)
  return { ...pod, spec: { ...spec, ...defaultPodResources(spec) } }
}

function defaultSpec(spec: PodSpec): PodSpec {
  const isHostNetwork = spec.hostNetwork === true
  const containers = spec.containers.map((container) => defaultContainer(container, isHostNetwork))
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    securityContext: {},
    ...spec,
    containers,
    ...(spec.initContainers && {
      initContainers: spec.initContainers.map((container) => defaultContainer(container, isHostNetwork)),
    }),
    ...(spec.volumes && { volumes: spec.volumes.map(defaultVolume) }),
  }
}

function defaultContainer(container: ContainerSpec, isHostNetwork: boolean): ContainerSpec {
  const { livenessProbe, readinessProbe, startupProbe } = container
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: hasLatestTag(container.image ?? '') ? 'Always' : 'IfNotPresent',
    ...container,
    resources: defaultResources(container),
    ...(container.ports && { ports: container.ports.map((port) => defaultPort(port, isHostNetwork)) }),
    ...(container.env && { env: container.env.map(defaultEnvVar) }),
    ...(livenessProbe && { livenessProbe: defaultProbe(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: defaultProbe(readinessProbe) }),
    ...(startupProbe && { startupProbe: defaultProbe(startupProbe) }),
    ...(container.lifecycle && { lifecycle: defaultLifecycle(container.lifecycle) }),
  }
}

/** What has a limit and no request asks for its limit. */
function defaultResources({ resources = {} }: ContainerSpec): NonNullable<ContainerSpec['resources']> {
  if (resources.limits === undefined) return resources
  return { ...resources, requests: { ...resources.limits, ...resources.requests } }
}

type Port = NonNullable<ContainerSpec['ports']>[number]

function defaultPort(port: Port, isHostNetwork: boolean): Port {
  return { protocol: 'TCP', ...(isHostNetwork && { hostPort: port.containerPort }), ...port }
}

type EnvVar = NonNullable<ContainerSpec['env']>[number]

function defaultEnvVar(variable: EnvVar): EnvVar {
  const { valueFrom } = variable
  if (valueFrom?.fieldRef === undefined) return variable
  return { ...variable, valueFrom: { ...valueFrom, fieldRef: { apiVersion: 'v1', ...valueFrom.fieldRef } } }
}

type Lifecycle = NonNullable<ContainerSpec['lifecycle']>

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  return {
    ...lifecycle,
    ...(lifecycle.postStart && { postStart: defaultHandler(lifecycle.postStart) }),
    ...(lifecycle.preStop && { preStop: defaultHandler(lifecycle.preStop) }),
  }
}
