import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { sysctlRefusal } from '../../../../src/plan/admission/sysctls.ts'
import { aPod } from '../../../builders/pod.ts'

interface Case {
  readonly names: readonly string[]
  readonly allowed?: readonly string[]
  readonly kernelVersion?: string
  readonly spec?: Partial<PodSpec>
  /** Behind `forbidden sysctl: `. */
  readonly fault?: string
}

describe('sysctlRefusal', () => {
  const cases: Readonly<Record<string, Case>> = {
    'takes a Pod without any': { names: [] },
    'takes what is safe': { names: ['kernel.shm_rmid_forced', 'net.ipv4.tcp_wmem'] },
    'refuses what is not': { names: ['kernel.msgmax'], fault: '"kernel.msgmax" not allowlisted' },
    'refuses the first of several that is not': {
      names: ['net.ipv4.tcp_syncookies', 'net.core.somaxconn', 'kernel.msgmax'],
      fault: '"net.core.somaxconn" not allowlisted',
    },
    'takes what is allowed by name': { names: ['kernel.msgmax'], allowed: ['kernel.msgmax'] },
    'refuses what only begins with a name that is allowed': {
      names: ['net.core.somaxconn2'],
      allowed: ['net.core.somaxconn'],
      fault: '"net.core.somaxconn2" not allowlisted',
    },
    'takes what is allowed by how it begins': { names: ['kernel.shm_next_id'], allowed: ['kernel.shm*'] },
    'reads slashes as dots': { names: ['net/core/somaxconn'], allowed: ['net.core.*'] },
    'keeps the dots of a device name': {
      names: ['net/ipv4/conf/eno2.100/rp_filter'],
      allowed: ['net.ipv4.conf.eno2/100.rp_filter'],
    },
    'refuses the network’s in the host’s network': {
      names: ['net.ipv4.tcp_syncookies'],
      spec: { hostNetwork: true },
      fault: '"net.ipv4.tcp_syncookies" not allowed with host Net enabled',
    },
    'refuses the IPC’s in the host’s IPC': {
      names: ['kernel.shm_rmid_forced'],
      spec: { hostIPC: true },
      fault: '"kernel.shm_rmid_forced" not allowed with host IPC enabled',
    },
    'takes the IPC’s in the host’s network': { names: ['kernel.shm_rmid_forced'], spec: { hostNetwork: true } },
    'refuses what an unsafe pattern allows in the host’s IPC': {
      names: ['fs.mqueue.msg_max'],
      allowed: ['fs.mqueue.*'],
      spec: { hostIPC: true },
      fault: '"fs.mqueue.msg_max" not allowed with host IPC enabled',
    },
    'refuses what is safe only on newer kernels': {
      names: ['net.ipv4.tcp_rmem'],
      kernelVersion: '4.14.99-generic',
      fault: '"net.ipv4.tcp_rmem" not allowlisted',
    },
    'takes it on such a kernel': { names: ['net.ipv4.tcp_rmem'], kernelVersion: '4.15' },
    'compares kernels by number': { names: ['net.ipv4.tcp_rmem'], kernelVersion: '10.1' },
    'takes what is safe on every kernel where that is not known': {
      names: ['net.ipv4.tcp_syncookies'],
      kernelVersion: '',
    },
    'refuses what is not, where it is not known': {
      names: ['net.ipv4.tcp_rmem'],
      kernelVersion: '',
      fault: '"net.ipv4.tcp_rmem" not allowlisted',
    },
  }
  for (const [title, { names, allowed = [], kernelVersion = '6.1.0-13-amd64', spec, fault }] of Object.entries(cases)) {
    it(title, () => {
      const sysctls = names.map((name) => ({ name, value: '1' }))
      const refusal = sysctlRefusal(aPod({ spec: { securityContext: { sysctls }, ...spec } }), {
        unsafeSysctls: allowed,
        kernelVersion,
      })
      const expected = { reason: 'SysctlForbidden', message: `forbidden sysctl: ${fault}` }
      assert.deepEqual(refusal, fault === undefined ? undefined : expected)
    })
  }
})
