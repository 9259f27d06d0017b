import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { containerSecurity, type SecurityFacts } from '../../../../src/translate/security/container-security.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const facts: SecurityFacts = {
  paths: { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' },
  imageUser: '',
  seccompDefault: false,
  volumes: new Map(),
  throttlePaths: ['/sys/devices/system/cpu/cpu0/thermal_throttle'],
}

const masked = {
  MaskedPaths: [
    '/proc/asound',
    '/proc/acpi',
    '/proc/interrupts',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/proc/sched_debug',
    '/proc/scsi',
    '/sys/firmware',
    '/sys/devices/virtual/powercap',
    '/sys/devices/system/cpu/cpu0/thermal_throttle',
  ],
  ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
}

const unconfined = { SecurityOpt: ['seccomp=unconfined'] }

interface Row {
  readonly title: string
  readonly container?: ContainerSpec['securityContext']
  readonly pod?: PodSpec['securityContext']
  readonly expected: object
}

const rows: readonly Row[] = [
  { title: 'is without a seccomp profile where nothing is asked for', expected: { ...unconfined, ...masked } },
  {
    title: "has every device and path of the host's, and no list of hidden ones, when it is privileged",
    container: { privileged: true },
    expected: { ...unconfined, Privileged: true },
  },
  {
    title: 'sees all of /proc when it asks for that',
    container: { procMount: 'Unmasked' },
    expected: { ...unconfined, MaskedPaths: [], ReadonlyPaths: [] },
  },
  {
    title: 'has the usual /proc when it asks for that',
    container: { procMount: 'Default' },
    expected: { ...unconfined, ...masked },
  },
  {
    title: 'writes only to its volumes when it is read-only',
    container: { readOnlyRootFilesystem: true },
    expected: { ...unconfined, ...masked, ReadonlyRootfs: true },
  },
  {
    title: 'writes to its root when it says so',
    container: { readOnlyRootFilesystem: false, privileged: false },
    expected: { ...unconfined, ...masked },
  },
  {
    title: 'gains no privileges when it must not',
    container: { allowPrivilegeEscalation: false },
    expected: { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'], ...masked },
  },
  {
    title: 'may gain privileges when it says so',
    container: { allowPrivilegeEscalation: true },
    expected: { ...unconfined, ...masked },
  },
  {
    title: 'adds and drops capabilities as they are asked for',
    container: { capabilities: { add: ['SYS_PTRACE', 'CAP_NET_RAW'], drop: ['ALL'] } },
    expected: { ...unconfined, ...masked, CapAdd: ['SYS_PTRACE', 'CAP_NET_RAW'], CapDrop: ['ALL'] },
  },
  {
    title: 'says nothing of capabilities where none are asked for',
    container: { capabilities: { add: [], drop: [] } },
    expected: { ...unconfined, ...masked },
  },
  {
    title: "is in the group of its Pod's volumes, then in the others",
    pod: { fsGroup: 2000, supplementalGroups: [10, 0] },
    expected: { ...unconfined, ...masked, GroupAdd: ['2000', '10', '0'] },
  },
  {
    title: 'is in the group 0 when that is the one of its volumes',
    pod: { fsGroup: 0 },
    expected: { ...unconfined, ...masked, GroupAdd: ['0'] },
  },
  {
    title: "has its Pod's SELinux label, of it what is set",
    pod: { seLinuxOptions: { user: 'u', role: 'r', type: 't', level: 's0:c1,c2' } },
    expected: {
      SecurityOpt: ['label=user:u', 'label=role:r', 'label=type:t', 'label=level:s0:c1,c2', 'seccomp=unconfined'],
      ...masked,
    },
  },
  {
    title: "has an SELinux label of its own instead of its Pod's, as a whole",
    pod: { seLinuxOptions: { user: 'u', level: 's0' } },
    container: { seLinuxOptions: { type: 't' } },
    expected: { SecurityOpt: ['label=type:t', 'seccomp=unconfined'], ...masked },
  },
  {
    title: 'has label, AppArmor profile, privileges and seccomp profile in this order',
    pod: { seLinuxOptions: { level: 's0' }, seccompProfile: { type: 'Unconfined' } },
    container: { appArmorProfile: { type: 'Localhost', localhostProfile: 'web' }, allowPrivilegeEscalation: false },
    expected: { SecurityOpt: ['label=level:s0', 'apparmor=web', 'no-new-privileges', 'seccomp=unconfined'], ...masked },
  },
  {
    title: "has Docker's own profiles when it asks for them",
    container: { seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'RuntimeDefault' } },
    expected: { SecurityOpt: [], ...masked },
  },
]

describe('What confines a container', () => {
  for (const { title, container, pod, expected } of rows) {
    it(title, () => {
      const asked = containerSecurity(
        aPod({ spec: pod === undefined ? {} : { securityContext: pod } }),
        aContainer(container === undefined ? {} : { securityContext: container }),
        facts,
      )
      assert.deepEqual(asked, expected)
    })
  }
})
