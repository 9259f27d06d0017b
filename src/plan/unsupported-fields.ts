import type { ContainerSpec, Pod, VolumeSpec } from '../model/kube.ts'
import { ephemeralContainers } from '../model/pod.ts'
import { isAutomountedToken } from '../translate/volume-source.ts'

/** A field of a Pod's spec that this agent does not do. */
export interface UnsupportedField {
  /** As in `spec.containers[0].resizePolicy`. */
  readonly path: string
  /**
   * `ignored`: the Pod runs without it. `refused`: running without it would be another Pod than the one that was asked
   * for, so the container waits.
   */
  readonly consequence: 'ignored' | 'refused'
  /** The container that waits; `undefined` means all of them. */
  readonly containerName: string | undefined
}

type Consequence = UnsupportedField['consequence']

/** Everything that is not here is done, or is not a node's business (scheduling, admission). */
const podFields: Readonly<Record<string, Consequence>> = {
  hostIPC: 'refused',
  hostPID: 'refused',
  setHostnameAsFQDN: 'ignored',
  hostnameOverride: 'refused',
  runtimeClassName: 'refused',
  resources: 'ignored',
  resourceClaims: 'refused',
}

const containerFields: Readonly<Record<string, Consequence>> = {
  envFrom: 'refused',
  resizePolicy: 'ignored',
  volumeDevices: 'refused',
}

/** Finds every field of the spec that is set to something and is not done, in the order of the tables. */
export function unsupportedFields(pod: Pod): readonly UnsupportedField[] {
  const spec = pod.spec
  return [
    ...listed(spec, podFields, 'spec', undefined),
    ...(spec.hostUsers === false ? [field('spec.hostUsers', 'refused', undefined)] : []),
    ...securityContext(spec.securityContext, 'spec', undefined),
    ...(spec.initContainers ?? []).flatMap((container, index) =>
      containerUnsupported(container, `spec.initContainers[${index}]`),
    ),
    ...spec.containers.flatMap((container, index) => containerUnsupported(container, `spec.containers[${index}]`)),
    ...ephemeralContainers(pod).flatMap((container, index) =>
      containerUnsupported(container, `spec.ephemeralContainers[${index}]`),
    ),
    ...(spec.volumes ?? []).flatMap((volume, index) => volumeUnsupported(pod, volume, `spec.volumes[${index}]`)),
  ]
}

function containerUnsupported(container: ContainerSpec, path: string): readonly UnsupportedField[] {
  const { name } = container
  const env = (container.env ?? []).flatMap((variable, index) =>
    variable.valueFrom === undefined ? [] : [field(`${path}.env[${index}].valueFrom`, 'refused', name)],
  )
  const mounts = (container.volumeMounts ?? []).flatMap((mount, index) => [
    ...(mount.subPath ? [field(`${path}.volumeMounts[${index}].subPath`, 'refused', name)] : []),
    ...(mount.subPathExpr ? [field(`${path}.volumeMounts[${index}].subPathExpr`, 'refused', name)] : []),
    ...(mount.recursiveReadOnly === 'Enabled'
      ? [field(`${path}.volumeMounts[${index}].recursiveReadOnly`, 'refused', name)]
      : []),
  ])
  return [
    ...listed(container, containerFields, path, name),
    ...securityContext(container.securityContext, path, name),
    ...env,
    ...mounts,
  ]
}

/** A volume that is mounted nowhere matters to nobody; one that cannot be served holds up the Pod where volumes are made. */
function volumeUnsupported(pod: Pod, volume: VolumeSpec, path: string): readonly UnsupportedField[] {
  if (isAutomountedToken(pod, volume)) {
    return [field(`${path}.${volume.secret === undefined ? 'projected' : 'secret'}`, 'ignored', undefined)]
  }
  return isSet(volume.emptyDir?.sizeLimit) ? [field(`${path}.emptyDir.sizeLimit`, 'ignored', undefined)] : []
}

/**
 * Who a process is and what it may do is nothing to be guessed at: any member that is set is refused, but for the
 * capabilities, which are done. Zero is a user or a group, and `false` asks for something where `true` is the default.
 */
function securityContext(
  context: object | undefined,
  path: string,
  containerName: string | undefined,
): readonly UnsupportedField[] {
  return Object.entries(context ?? {})
    .filter(([key]) => key !== 'capabilities')
    .filter(([key, value]) => value === 0 || isSet(value) || (key === 'allowPrivilegeEscalation' && value === false))
    .map(([key]) => field(`${path}.securityContext.${key}`, 'refused', containerName))
}

function listed(
  object: object,
  table: Readonly<Record<string, Consequence>>,
  path: string,
  containerName: string | undefined,
): readonly UnsupportedField[] {
  const values = new Map<string, unknown>(Object.entries(object))
  return Object.entries(table)
    .filter(([key]) => isSet(values.get(key)))
    .map(([key, consequence]) => field(`${path}.${key}`, consequence, containerName))
}

function field(path: string, consequence: Consequence, containerName: string | undefined): UnsupportedField {
  return { path, consequence, containerName }
}

/** `false`, zero and whatever is empty ask for nothing. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
