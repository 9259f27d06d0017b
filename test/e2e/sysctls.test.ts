import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying, type PodManifest } from '../support/test-pod.ts'

const node = await TestNode.start('--allowed-unsafe-sysctls=net.core.somaxconn,kernel.msg*')
after(() => node[Symbol.asyncDispose]())
const minor = await node.kubectl.serverMinor()

function setting(name: string, values: Readonly<Record<string, string>>): PodManifest {
  const sysctls = Object.entries(values).map(([sysctl, value]) => ({ name: sysctl, value }))
  return podManifest(name, [staying('one'), staying('two')], { securityContext: { sysctls } })
}

/** The value of each of these sysctls, as a container of the Pod sees it. */
function read(pod: Pod, container: string, ...paths: readonly string[]): Promise<string> {
  return node.exec(pod, container, 'cat', ...paths.map((path) => `/proc/sys/${path}`))
}

describe('The sysctls of a Pod', () => {
  it('are what all of its containers see: safe ones, and those that the operator allows', async () => {
    const manifest = setting('tuned', {
      'kernel.shm_rmid_forced': '1',
      'net.ipv4.ip_unprivileged_port_start': '80',
      'net.core.somaxconn': '321',
      'kernel.msgmax': '4321',
    })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    const paths = [
      'kernel/shm_rmid_forced',
      'net/ipv4/ip_unprivileged_port_start',
      'net/core/somaxconn',
      'kernel/msgmax',
    ]
    for (const container of ['one', 'two']) assert.equal(await read(pod, container, ...paths), '1\n80\n321\n4321')
    const other = await node.createUntil(podManifest('plain', [staying('one')]), 'ready', isReady)
    assert.notEqual(await read(other, 'one', 'net/core/somaxconn'), '321')
  })

  it(minor < 23 ? 'are named with dots, to an old server' : 'may be named with slashes', async () => {
    const manifest = setting('slashes', { 'kernel/shm_rmid_forced': '1' })
    if (minor < 23) {
      await assert.rejects(node.create(manifest), /spec\.securityContext\.sysctls\[0\]\.name: Invalid value/u)
      return
    }
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.equal(await read(pod, 'one', 'kernel/shm_rmid_forced'), '1')
  })

  it('that the kernel does not take fail the sandbox, which is told and tried again', async () => {
    await node.create(setting('wrong', { 'net.ipv4.ip_local_port_range': 'many' }))
    await node.untilEvent('wrong', 'FailedCreatePodSandBox', 'failed to start sandbox container for pod "wrong"')
    const pod = await node.until('wrong', 'is there', () => true)
    assert.equal(pod.status?.phase, 'Pending')
  })

  it("are refused when the Pod has the host's namespace for them: by newer servers, else by the node", async () => {
    const manifest = setting('hosts', { 'net.ipv4.tcp_syncookies': '1' })
    const created = node.create({ ...manifest, spec: { ...manifest.spec, hostNetwork: true } })
    const refusal = await created.then(() => undefined, String)
    if (refusal !== undefined) {
      assert.match(refusal, /may not be specified when 'hostNetwork' is true/u)
      return
    }
    await node.untilEvent('hosts', 'SysctlForbidden', '"net.ipv4.tcp_syncookies" not allowed with host Net enabled')
  })
})
