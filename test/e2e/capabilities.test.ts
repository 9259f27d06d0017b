import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const netBindService = 1n << 10n
const sysPtrace = 1n << 19n

/** What the first process of a container may do: a bit for each capability. */
async function effective(pod: Pod, container: string): Promise<bigint> {
  const line = await node.exec(pod, container, 'grep', 'CapEff', '/proc/1/status')
  return BigInt(`0x${line.replace(/^CapEff:\s*/u, '')}`)
}

describe('The capabilities of a container', () => {
  it("are Docker's, with those that it asks for and without those that it gives up", async () => {
    const containers = [
      staying('usual'),
      staying('more', { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } }),
      staying('one', { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } }),
    ]
    const pod = await node.createUntil(podManifest('capable', containers), 'ready', isReady)
    const usual = await effective(pod, 'usual')
    assert.equal(usual & sysPtrace, 0n)
    assert.equal(await effective(pod, 'more'), usual | sysPtrace)
    assert.equal(await effective(pod, 'one'), netBindService)
  })
})
