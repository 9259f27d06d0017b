import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sysctlName, sysctlNamespace, sysctlPattern } from '../../../src/model/sysctl.ts'

describe('the name of a sysctl', () => {
  const cases: readonly (readonly [written: string, name: string])[] = [
    ['net.core.somaxconn', 'net.core.somaxconn'],
    ['net/core/somaxconn', 'net.core.somaxconn'],
    ['net.ipv4.conf.eno2/100.rp_filter', 'net.ipv4.conf.eno2/100.rp_filter'],
    ['net/ipv4/conf/eno2.100/rp_filter', 'net.ipv4.conf.eno2/100.rp_filter'],
    ['panic', 'panic'],
    ['', ''],
  ]
  for (const [written, name] of cases) it(`"${written}" is "${name}"`, () => assert.equal(sysctlName(written), name))
})

describe('the namespace of a sysctl', () => {
  const cases: readonly (readonly [name: string, namespace: 'IPC' | 'Net' | undefined])[] = [
    ['net.core.somaxconn', 'Net'],
    ['network.x', undefined],
    ['kernel.sem', 'IPC'],
    ['kernel.shm', 'IPC'],
    ['kernel.shmmax', 'IPC'],
    ['kernel.msgmni', 'IPC'],
    ['fs.mqueue.msg_max', 'IPC'],
    ['kernel.panic', undefined],
    ['vm.swappiness', undefined],
  ]
  for (const [name, namespace] of cases) {
    it(`is ${namespace ?? 'none'} for ${name}`, () => assert.equal(sysctlNamespace(name), namespace))
  }
})

describe('a pattern of sysctls', () => {
  it('is a name, or what names begin with', () => {
    assert.deepEqual(sysctlPattern('kernel.msgmax'), { start: 'kernel.msgmax', isPrefix: false })
    assert.deepEqual(sysctlPattern('net/core/*'), { start: 'net.core.', isPrefix: true })
    assert.deepEqual(sysctlPattern('kernel.shm*'), { start: 'kernel.shm', isPrefix: true })
  })
})
