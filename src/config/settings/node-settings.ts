import type { TaintConfig } from '../config.ts'
import { nodeLabels } from '../values/node-labels.ts'
import { resourceAmounts } from '../values/resource-amounts.ts'
import { taints } from '../values/taints.ts'
import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Milliseconds. */
const second = 1_000

/** The Node object. */
export const nodeSettings = {
  hostnameOverride: setting<string>({
    group: 'Node',
    flag: 'hostname-override',
    type: types.text,
    fallback: '',
    shownDefault: "the host's name",
    help: 'Name of the node; two agents on one Docker need two names',
  }),
  nodeIps: setting<readonly string[]>({
    group: 'Node',
    flag: 'node-ip',
    type: types.nodeAddresses,
    fallback: [],
    shownDefault: 'found out',
    help: "The node's address, or one IPv4 and one IPv6 address",
  }),
  registerNode: setting<boolean>({
    group: 'Node',
    flag: 'register-node',
    field: 'registerNode',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Create the Node object if the API server has none',
  }),
  nodeLabels: setting<Readonly<Record<string, string>>>({
    group: 'Node',
    flag: 'node-labels',
    type: nodeLabels,
    fallback: {},
    shownDefault: '',
    help: 'Labels of the Node object when it is created',
  }),
  registerWithTaints: setting<readonly TaintConfig[]>({
    group: 'Node',
    flag: 'register-with-taints',
    field: 'registerWithTaints',
    type: taints,
    fallback: [],
    shownDefault: '',
    help: 'Taints of the Node object when it is created',
  }),
  providerId: setting<string | undefined>({
    group: 'Node',
    flag: 'provider-id',
    field: 'providerID',
    type: types.optionalText,
    fallback: undefined,
    shownDefault: '',
    help: 'spec.providerID of the Node object when it is created',
  }),
  maxPods: setting<number>({
    group: 'Node',
    flag: 'max-pods',
    field: 'maxPods',
    type: types.count,
    fallback: 110,
    shownDefault: '110',
    help: 'How many Pods may run at once',
  }),
  podsPerCore: setting<number>({
    group: 'Node',
    flag: 'pods-per-core',
    field: 'podsPerCore',
    type: types.count,
    fallback: 0,
    shownDefault: '0',
    help: 'How many Pods may run at once for each CPU, within maxPods; 0 for no such limit',
  }),
  systemReserved: setting<Readonly<Record<string, string>>>({
    group: 'Node',
    flag: 'system-reserved',
    field: 'systemReserved',
    type: resourceAmounts,
    fallback: {},
    shownDefault: '',
    help: 'What of cpu, memory, ephemeral-storage and pid is kept from Pods for the rest of the machine',
  }),
  kubeReserved: setting<Readonly<Record<string, string>>>({
    group: 'Node',
    flag: 'kube-reserved',
    field: 'kubeReserved',
    type: resourceAmounts,
    fallback: {},
    shownDefault: '',
    help: 'The same for Docker and this agent',
  }),
  nodeStatusUpdateFrequencyMs: setting<number>({
    group: 'Node',
    flag: 'node-status-update-frequency',
    field: 'nodeStatusUpdateFrequency',
    type: types.duration(second),
    fallback: 10 * second,
    shownDefault: '10s',
    help: "How often the node's status is worked out; it is sent when it changed",
  }),
  nodeStatusReportFrequencyMs: setting<number | undefined>({
    group: 'Node',
    field: 'nodeStatusReportFrequency',
    type: types.duration(second),
    fallback: undefined,
    shownDefault: '5m, or nodeStatusUpdateFrequency where that is set',
    help: "How often the node's status is sent even if nothing changed",
  }),
  nodeLeaseDurationSeconds: setting<number>({
    group: 'Node',
    field: 'nodeLeaseDurationSeconds',
    type: types.integer(4, 2_147_483_647),
    fallback: 40,
    shownDefault: '40',
    help: "Life of the node's lease in seconds; it is renewed after a quarter of it",
  }),
  nodeStatusMaxImages: setting<number>({
    group: 'Node',
    flag: 'node-status-max-images',
    field: 'nodeStatusMaxImages',
    type: types.integer(-1, 2_147_483_647),
    fallback: 50,
    shownDefault: '50',
    help: 'How many images the Node object names, -1 for all',
  }),
} as const
