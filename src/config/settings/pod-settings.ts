import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Milliseconds. */
const second = 1_000
const minute = 60 * second

/** Where Pods come from and how they, their images and their events are treated. */
export const podSettings = {
  kubeconfig: setting<string | undefined>({
    group: 'Where Pods come from',
    flag: 'kubeconfig',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: '',
    help: 'Kubeconfig with which to reach the API server; without it the agent is standalone and runs static Pods only',
  }),
  manifestPath: setting<string | undefined>({
    group: 'Where Pods come from',
    flag: 'pod-manifest-path',
    field: 'staticPodPath',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: '',
    help: 'Folder of static Pod manifests (YAML or JSON), or one such file',
  }),
  fileCheckFrequencyMs: setting<number>({
    group: 'Where Pods come from',
    flag: 'file-check-frequency',
    field: 'fileCheckFrequency',
    type: types.duration(10),
    fallback: 20 * second,
    shownDefault: '20s',
    help: 'How often the manifests are looked at even when the system told of no change',
  }),

  clusterDns: setting<readonly string[]>({
    group: 'Pods',
    flag: 'cluster-dns',
    field: 'clusterDNS',
    type: types.ipAddresses,
    fallback: [],
    shownDefault: '',
    help: 'Name servers of Pods with dnsPolicy ClusterFirst',
  }),
  clusterDomain: setting<string>({
    group: 'Pods',
    flag: 'cluster-domain',
    field: 'clusterDomain',
    type: types.text,
    fallback: '',
    shownDefault: '',
    help: "The cluster's DNS domain, which Pods search before the host's",
  }),
  resolvConf: setting<string>({
    group: 'Pods',
    flag: 'resolv-conf',
    field: 'resolvConf',
    type: types.text,
    fallback: '/etc/resolv.conf',
    shownDefault: '/etc/resolv.conf',
    help: 'Resolver file that Pods inherit, empty for none',
  }),
  syncFrequencyMs: setting<number>({
    group: 'Pods',
    flag: 'sync-frequency',
    field: 'syncFrequency',
    type: types.duration(second),
    fallback: minute,
    shownDefault: '1m',
    help: 'A Pod is looked at again after this time even if nothing happened',
  }),
  maxContainerRestartPeriodMs: setting<number>({
    group: 'Pods',
    field: 'crashLoopBackOff.maxContainerRestartPeriod',
    type: types.duration(second, 5 * minute),
    fallback: 5 * minute,
    shownDefault: '5m',
    help: 'How long the back-off of a crashing container may grow',
  }),

  serializeImagePulls: setting<boolean | undefined>({
    group: 'Images',
    flag: 'serialize-image-pulls',
    field: 'serializeImagePulls',
    type: types.toggle,
    fallback: undefined,
    shownDefault: 'true, or false where --max-parallel-image-pulls is above 1',
    help: 'Pull one image at a time',
  }),
  maxParallelImagePulls: setting<number | undefined>({
    group: 'Images',
    flag: 'max-parallel-image-pulls',
    field: 'maxParallelImagePulls',
    type: types.integer(1, 2_147_483_647),
    fallback: undefined,
    shownDefault: 'no bound',
    help: 'How many images are pulled at once when pulls are not serialized',
  }),
  registryQps: setting<number>({
    group: 'Images',
    flag: 'registry-qps',
    field: 'registryPullQPS',
    type: types.count,
    fallback: 5,
    shownDefault: '5',
    help: 'Image pulls per second, 0 for no limit',
  }),
  registryBurst: setting<number>({
    group: 'Images',
    flag: 'registry-burst',
    field: 'registryBurst',
    type: types.count,
    fallback: 10,
    shownDefault: '10',
    help: 'Image pulls that may come at once above that',
  }),

  eventQps: setting<number>({
    group: 'Events',
    flag: 'event-qps',
    field: 'eventRecordQPS',
    type: types.count,
    fallback: 50,
    shownDefault: '50',
    help: 'Events per second sent to the API server, 0 for no limit',
  }),
  eventBurst: setting<number>({
    group: 'Events',
    flag: 'event-burst',
    field: 'eventBurst',
    type: types.count,
    fallback: 100,
    shownDefault: '100',
    help: 'Events that may come at once above that',
  }),
} as const
