/**
 * Every field of a Pod, and what this agent does with it: docs/pod-fields.md is made from this, and the agent's
 * `UnsupportedField` events come from it. When you finish a field, move its name to its type's row that is `done` and run
 * `UPDATE=1 node --test test/unit/plan/pod-fields.test.ts`; where only part of it is done, give it a row of its own
 * that says which. The test fails while a type that is reached through fields that are done lacks one of the API's fields.
 */

import type { FieldRow } from './field-row.ts'
import { volumeFields } from './volume-fields.ts'

export interface FieldGroup {
  readonly title: string
  readonly rows: readonly FieldRow[]
}

const pod: readonly FieldRow[] = [
  { of: 'Pod', is: 'done', fields: 'apiVersion kind metadata spec status' },
  {
    of: 'ObjectMeta',
    is: 'done',
    fields: 'annotations deletionGracePeriodSeconds deletionTimestamp generation labels name namespace uid',
  },
  {
    of: 'ObjectMeta',
    is: 'elsewhere',
    fields: 'creationTimestamp finalizers generateName managedFields ownerReferences resourceVersion selfLink',
    why: 'the API server and its controllers keep them',
  },
  {
    of: 'PodSpec',
    is: 'done',
    fields:
      'activeDeadlineSeconds affinity containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork hostPID ' +
      'hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os overhead priority readinessGates resources restartPolicy ' +
      'securityContext setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations volumes',
  },
  {
    of: 'PodSpec',
    is: 'elsewhere',
    fields: 'preemptionPolicy schedulerName schedulingGates schedulingGroup topologySpreadConstraints',
    why: 'the scheduler reads them',
  },
  {
    of: 'PodSpec',
    is: 'elsewhere',
    fields: 'automountServiceAccountToken priorityClassName serviceAccount serviceAccountName',
    why: 'the API server makes a volume, a priority and pull secrets of them',
  },
  {
    of: 'PodSpec',
    is: 'partly',
    fields: 'runtimeClassName',
    why: 'without an API server there is nobody to ask for the class: refused, where the kubelet passes over it',
  },
  {
    of: 'PodSpec',
    is: 'partly',
    fields: 'hostUsers',
    why: 'Docker has one user namespace for all: who asks for another gets no sandbox, as the kubelet has it',
  },
  { of: 'PodSpec', is: 'refused', fields: 'resourceClaims', why: 'there is no dynamic resource allocation here' },
  { of: 'Affinity', is: 'done', fields: 'nodeAffinity' },
  { of: 'Affinity', is: 'elsewhere', fields: 'podAffinity podAntiAffinity', why: 'the scheduler reads them' },
  { of: 'NodeAffinity', is: 'done', fields: 'requiredDuringSchedulingIgnoredDuringExecution' },
  {
    of: 'NodeAffinity',
    is: 'elsewhere',
    fields: 'preferredDuringSchedulingIgnoredDuringExecution',
    why: 'the scheduler reads it',
  },
  { of: 'NodeSelector NodeSelectorTerm', is: 'done', fields: 'nodeSelectorTerms matchExpressions matchFields' },
  { of: 'NodeSelectorRequirement', is: 'done', fields: 'key operator values' },
  { of: 'Toleration', is: 'done', fields: 'effect key operator value' },
  { of: 'Toleration', is: 'elsewhere', fields: 'tolerationSeconds', why: 'a controller deletes the Pod after it' },
  {
    of: 'HostAlias LocalObjectReference PodDNSConfig PodDNSConfigOption PodOS PodReadinessGate',
    is: 'done',
    fields: 'hostnames ip name nameservers options searches value conditionType',
  },
]

const containers: readonly FieldRow[] = [
  {
    of: 'Container EphemeralContainer',
    is: 'done',
    fields:
      'args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy ' +
      'resources restartPolicy ' +
      'restartPolicyRules securityContext startupProbe stdin stdinOnce targetContainerName terminationMessagePath ' +
      'terminationMessagePolicy tty volumeMounts workingDir',
  },
  {
    of: 'Container EphemeralContainer',
    is: 'refused',
    fields: 'volumeDevices',
    why: 'this node has no volumes in block mode',
  },
  { of: 'ContainerResizePolicy', is: 'done', fields: 'resourceName restartPolicy' },
  { of: 'ResourceRequirements', is: 'done', fields: 'limits requests' },
  { of: 'ResourceRequirements', is: 'refused', fields: 'claims', why: 'there is no dynamic resource allocation here' },
  { of: 'ContainerPort', is: 'done', fields: 'containerPort hostIP hostPort name protocol' },
  {
    of: 'ContainerRestartRule ContainerRestartRuleOnExitCodes',
    is: 'done',
    fields: 'action exitCodes operator values',
  },
  { of: 'EnvVar', is: 'done', fields: 'name value valueFrom' },
  { of: 'EnvVarSource', is: 'done', fields: 'configMapKeyRef fieldRef fileKeyRef resourceFieldRef secretKeyRef' },
  { of: 'EnvFromSource', is: 'done', fields: 'configMapRef prefix secretRef' },
  {
    of: 'ConfigMapEnvSource SecretEnvSource ConfigMapKeySelector SecretKeySelector FileKeySelector',
    is: 'done',
    fields: 'key name optional path volumeName',
  },
  {
    of: 'ObjectFieldSelector ResourceFieldSelector',
    is: 'done',
    fields: 'apiVersion containerName divisor fieldPath resource',
  },
  {
    of: 'VolumeMount',
    is: 'done',
    fields: 'mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr',
  },
]

const probesAndHooks: readonly FieldRow[] = [
  {
    of: 'Probe',
    is: 'done',
    fields:
      'exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket ' +
      'terminationGracePeriodSeconds timeoutSeconds',
  },
  { of: 'Lifecycle LifecycleHandler', is: 'done', fields: 'postStart preStop stopSignal exec httpGet sleep tcpSocket' },
  {
    of: 'ExecAction GRPCAction HTTPGetAction HTTPHeader SleepAction TCPSocketAction',
    is: 'done',
    fields: 'command port service host httpHeaders path scheme name value seconds',
  },
]

const security: readonly FieldRow[] = [
  {
    of: 'SecurityContext',
    is: 'done',
    fields:
      'allowPrivilegeEscalation appArmorProfile capabilities privileged procMount readOnlyRootFilesystem runAsGroup ' +
      'runAsNonRoot runAsUser seccompProfile',
  },
  {
    of: 'PodSecurityContext',
    is: 'done',
    fields:
      'appArmorProfile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seccompProfile supplementalGroups sysctls',
  },
  {
    of: 'PodSecurityContext',
    is: 'partly',
    fields: 'supplementalGroupsPolicy',
    why: "Strict is refused when the Pod comes: Docker adds the image's groups",
  },
  {
    of: 'SecurityContext PodSecurityContext',
    is: 'partly',
    fields: 'seLinuxOptions seLinuxChangePolicy',
    why: 'volumes get no label; on a host without SELinux nothing does, which an event tells',
  },
  { of: 'AppArmorProfile SeccompProfile', is: 'done', fields: 'localhostProfile type' },
  { of: 'SELinuxOptions', is: 'done', fields: 'level role type user' },
  { of: 'Sysctl', is: 'done', fields: 'name value' },
  { of: 'SecurityContext PodSecurityContext', is: 'elsewhere', fields: 'windowsOptions', why: "Windows nodes' own" },
  { of: 'Capabilities', is: 'done', fields: 'add drop' },
]

const status: readonly FieldRow[] = [
  {
    of: 'PodStatus',
    is: 'done',
    fields:
      'allocatedResources conditions containerStatuses ephemeralContainerStatuses hostIP hostIPs initContainerStatuses ' +
      'message observedGeneration phase podIP podIPs qosClass reason resources startTime',
  },
  { of: 'PodStatus', is: 'unwritten', fields: 'resize', why: 'conditions say it, as with the kubelet' },
  {
    of: 'PodStatus',
    is: 'elsewhere',
    fields: 'extendedResourceClaimStatus nodeAllocatableResourceClaimStatuses nominatedNodeName resourceClaimStatuses',
    why: 'the scheduler and controllers write them',
  },
  {
    of: 'PodCondition PodIP HostIP',
    is: 'done',
    fields: 'lastProbeTime lastTransitionTime message observedGeneration reason status type ip',
  },
  {
    of: 'ContainerStatus',
    is: 'done',
    fields:
      'allocatedResources containerID image imageID lastState name ready resources restartCount started state stopSignal ' +
      'volumeMounts',
  },
  {
    of: 'ContainerStatus',
    is: 'unwritten',
    fields: 'allocatedResourcesStatus user',
    why: 'not yet',
  },
  {
    of: 'ContainerState ContainerStateRunning ContainerStateTerminated ContainerStateWaiting',
    is: 'done',
    fields: 'running terminated waiting startedAt containerID exitCode finishedAt message reason',
  },
  { of: 'ContainerStateTerminated', is: 'elsewhere', fields: 'signal', why: 'the kubelet leaves it empty, too' },
  { of: 'VolumeMountStatus', is: 'done', fields: 'mountPath name readOnly recursiveReadOnly' },
  {
    of: 'VolumeMountStatus',
    is: 'elsewhere',
    fields: 'volumeStatus',
    why: 'with an alpha feature of 1.36 that is off',
  },
]

/** In the order of the page. */
export const podFields: readonly FieldGroup[] = [
  { title: 'The Pod', rows: pod },
  { title: 'Containers', rows: containers },
  { title: 'Probes and hooks', rows: probesAndHooks },
  { title: 'Security', rows: security },
  { title: 'Volumes', rows: volumeFields },
  { title: 'Status', rows: status },
]
