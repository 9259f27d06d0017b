import type { ContainerSpec, PodSpec, VolumeMountSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { podManifest, shell, staying, untilTold, type PodManifest } from '../../support/test-pod.ts'

/** Where a Pod's volumes are mounted, each at its name. */
const below = '/volumes'

/** A container that mounts each of these at its name. */
function mounting(
  name: string,
  volumes: readonly VolumeSpec[],
  change: Partial<ContainerSpec> = {},
  mount: Partial<VolumeMountSpec> = {},
): ContainerSpec {
  const volumeMounts = volumes.map((volume) => ({ name: volume.name, mountPath: `${below}/${volume.name}`, ...mount }))
  return staying(name, { volumeMounts, ...change })
}

/** A Pod whose one container mounts each of its volumes at its name. */
function podOf(name: string, volumes: readonly VolumeSpec[], change: Partial<PodSpec> = {}): PodManifest {
  return podManifest(name, [mounting('main', volumes)], { volumes, ...change })
}

/** Who has no right to anything but by this group. */
const grouped: Partial<PodSpec> = { securityContext: { runAsUser: 1000, fsGroup: 3000 } }

const emptyDirs: readonly VolumeSpec[] = [
  { name: 'disk', emptyDir: {} },
  { name: 'memory', emptyDir: { medium: 'Memory' } },
  { name: 'sized', emptyDir: { sizeLimit: '1Mi' } },
  { name: 'sized-memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
]

const configMaps: readonly VolumeSpec[] = [
  { name: 'whole', configMap: { name: 'settings' } },
  { name: 'mode', configMap: { name: 'settings', defaultMode: 0o440 } },
  {
    name: 'items',
    configMap: {
      name: 'settings',
      items: [
        { key: 'colour', path: 'a/b/colour' },
        { key: 'bytes', path: 'a/bytes', mode: 0o700 },
        { key: 'long.name', path: 'name', mode: 0o4 },
      ],
    },
  },
  { name: 'nobody', configMap: { name: 'nobody', optional: true } },
  {
    name: 'no-key',
    configMap: {
      name: 'settings',
      optional: true,
      items: [
        { key: 'colour', path: 'colour' },
        { key: 'nobody', path: 'nobody' },
      ],
    },
  },
  { name: 'empty', configMap: { name: 'empty' } },
]

const secrets: readonly VolumeSpec[] = [
  { name: 'whole', secret: { secretName: 'passwords' } },
  { name: 'mode', secret: { secretName: 'passwords', defaultMode: 0o400 } },
  { name: 'items', secret: { secretName: 'passwords', items: [{ key: 'word', path: 'a/b', mode: 0o777 }] } },
  { name: 'nobody', secret: { secretName: 'nobody', optional: true } },
  {
    name: 'no-key',
    secret: { secretName: 'passwords', optional: true, items: [{ key: 'nobody', path: 'nobody' }] },
  },
]

const downward: readonly VolumeSpec[] = [
  {
    name: 'about',
    downwardAPI: {
      items: [
        { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
        { path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } },
        { path: 'uid', fieldRef: { fieldPath: 'metadata.uid' } },
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' }, mode: 0o400 },
        { path: 'one/label', fieldRef: { fieldPath: "metadata.labels['app']" } },
        { path: 'one/annotation', fieldRef: { fieldPath: "metadata.annotations['note']" } },
        { path: 'one/nobody', fieldRef: { fieldPath: "metadata.labels['nobody']" } },
      ],
    },
  },
  {
    name: 'resources',
    downwardAPI: {
      defaultMode: 0o444,
      items: [
        ['limits.cpu', '1'],
        ['limits.cpu', '1m'],
        ['requests.cpu', '1m'],
        ['limits.memory', '1Mi'],
        ['requests.memory', '1'],
        ['requests.ephemeral-storage', '1'],
      ].map(([resource = '', divisor = '']) => ({
        path: `${resource}-${divisor}`,
        resourceFieldRef: { containerName: 'main', resource, divisor },
      })),
    },
  },
]

const projected: readonly VolumeSpec[] = [
  {
    name: 'mix',
    projected: {
      defaultMode: 0o640,
      sources: [
        { configMap: { name: 'settings', items: [{ key: 'colour', path: 'a/colour' }] } },
        { secret: { name: 'passwords', items: [{ key: 'word', path: 'a/word', mode: 0o600 }] } },
        { secret: { name: 'nobody', optional: true } },
        { downwardAPI: { items: [{ path: 'a/name', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'somebody' } },
      ],
    },
  },
  { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'deep/token' } }] } },
  { name: 'nothing', projected: { sources: [] } },
]

const resources = { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } }

function hostPaths(folder: string): readonly VolumeSpec[] {
  return [
    ['any', 'made/for/any', ''],
    ['directory', 'directory', 'Directory'],
    ['new-directory', 'new/directory', 'DirectoryOrCreate'],
    ['file', 'directory/file', 'File'],
    ['new-file', 'new-file', 'FileOrCreate'],
    ['socket', 'socket', 'Socket'],
    ['block', 'block', 'BlockDevice'],
    ['link', 'link', 'Directory'],
  ].map(([name = '', path = '', type = '']) => ({ name, hostPath: { path: `${folder}/${path}`, type } }))
}

function subPaths(folder: string): PodManifest {
  const volumes: readonly VolumeSpec[] = [
    { name: 'disk', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'host', hostPath: { path: `${folder}/directory` } },
  ]
  const volumeMounts: readonly VolumeMountSpec[] = [
    { name: 'disk', mountPath: `${below}/new`, subPath: 'made/for/it' },
    { name: 'disk', mountPath: `${below}/again`, subPath: 'made/for', readOnly: true },
    { name: 'disk', mountPath: `${below}/all` },
    { name: 'disk', mountPath: `${below}/named`, subPathExpr: '$(POD_NAME)/$$(HERE)' },
    { name: 'memory', mountPath: `${below}/memory`, subPath: 'made' },
    { name: 'settings', mountPath: `${below}/file`, subPath: 'colour' },
    { name: 'settings', mountPath: '/etc/hosts', subPath: 'long.name' },
    { name: 'host', mountPath: `${below}/host-file`, subPath: 'file' },
    { name: 'host', mountPath: `${below}/host-link`, subPath: 'inner-link' },
    { name: 'host', mountPath: `${below}/host-new`, subPath: 'new' },
  ]
  const env = [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
  const other = staying('other', { volumeMounts: [{ name: 'disk', mountPath: `${below}/other`, subPath: 'made' }] })
  return podManifest('sub-paths', [staying('main', { env, volumeMounts }), other], { volumes, ...grouped })
}

/** What is mounted over and below other mounts, and in which ways. */
const mounts: PodManifest = podManifest(
  'mounts',
  [
    staying('main', {
      volumeMounts: [
        { name: 'disk', mountPath: `${below}/settings/below` },
        { name: 'settings', mountPath: `${below}/settings` },
        { name: 'disk', mountPath: `${below}/read`, readOnly: true },
        { name: 'memory', mountPath: `${below}/memory`, readOnly: true },
        { name: 'disk', mountPath: `${below}/with space` },
        { name: 'disk', mountPath: `${below}/slave`, mountPropagation: 'HostToContainer' },
        { name: 'disk', mountPath: 'relative/path' },
      ],
    }),
    staying('privileged', {
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'disk', mountPath: `${below}/shared`, mountPropagation: 'Bidirectional' }],
    }),
  ],
  {
    volumes: [
      { name: 'disk', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory' } },
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'unused', emptyDir: {} },
      { name: 'unused-settings', configMap: { name: 'settings' } },
    ],
  },
)

/** Each Pod has claims of its own: the volumes belong to whoever mounts them last. */
function claimsOf(pod: string, change: Partial<PodSpec> = {}): PodManifest {
  const volumes: readonly VolumeSpec[] = [
    { name: 'host', persistentVolumeClaim: { claimName: `${pod}-host` } },
    { name: 'local', persistentVolumeClaim: { claimName: `${pod}-local` } },
    { name: 'read', persistentVolumeClaim: { claimName: `${pod}-read`, readOnly: true } },
  ]
  return podOf(pod, volumes, change)
}

/** Pods whose volumes the two kubelets are compared by; all of them become ready. `folder` is a `HostFolder`'s. */
export function volumePods(folder: string): readonly PodManifest[] {
  const labelled = {
    labels: { app: 'web', tier: 'front' },
    annotations: { note: 'one "line"\nand a second', more: 'tab\there' },
  }
  const about = podManifest('downward', [mounting('main', downward, { resources })], { volumes: downward })
  const writing = shell(
    'main',
    `umask 022; cd ${below}; for at in *; do mkdir $at/made; echo new >$at/made/file; done; ${untilTold}`,
  )
  const written = { ...mounting('main', emptyDirs), command: writing.command ?? [] }
  return [
    podManifest('empty-dirs', [written, mounting('reader', emptyDirs, {}, { readOnly: true })], { volumes: emptyDirs }),
    podManifest('empty-dirs-grouped', [written], { volumes: emptyDirs, ...grouped }),
    podOf('host-paths', hostPaths(folder), grouped),
    podOf('config-maps', configMaps),
    podOf('config-maps-grouped', configMaps, grouped),
    podOf('secrets', secrets),
    podOf('secrets-grouped', secrets, grouped),
    { ...about, metadata: { ...about.metadata, ...labelled } },
    podOf('downward-grouped', downward.slice(0, 1), grouped),
    podOf('projected', projected),
    podOf('projected-grouped', projected, grouped),
    podOf('projected-one-user', projected, { securityContext: { runAsUser: 1000 } }),
    claimsOf('claims'),
    claimsOf('claims-grouped', grouped),
    podManifest('account', [staying('main')], { automountServiceAccountToken: true }),
    mounts,
    subPaths(folder),
  ]
}
