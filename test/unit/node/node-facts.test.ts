import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { describe, it } from 'node:test'
import { readNodeFacts } from '../../../src/node/node-facts.ts'

const options = { nodeName: 'node-a.invalid', nodeIps: ['10.9.8.7'], rootDir: '/' }

describe('readNodeFacts', () => {
  it('reads what the kernel says of this machine', async (t) => {
    const facts = await readNodeFacts(options, t.signal)
    assert.equal(facts.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
    const swap = /^SwapTotal:\s+(\d+) kB/mu.exec(readFileSync('/proc/meminfo', 'utf8'))
    assert.equal(facts.swapBytes, Number(swap?.[1]) * 1024)
    assert.ok(facts.rootFsBytes > 0)
  })

  it('measures the file system that a folder will be on', async (t) => {
    const whole = await readNodeFacts(options, t.signal)
    const missing = await readNodeFacts({ ...options, rootDir: '/no-such-folder/below/it' }, t.signal)
    assert.equal(missing.rootFsBytes, whole.rootFsBytes)
  })

  it('believes --node-ip', async (t) => {
    const { addresses } = await readNodeFacts({ ...options, nodeIps: ['10.9.8.7', 'fd00::7'] }, t.signal)
    assert.deepEqual(addresses, ['10.9.8.7', 'fd00::7'])
  })

  it('takes the name of a node that is an address', async (t) => {
    const { addresses } = await readNodeFacts({ ...options, nodeIps: [], nodeName: '10.1.2.3' }, t.signal)
    assert.deepEqual(addresses, ['10.1.2.3'])
  })

  it('finds an address of this host, which others can reach', async (t) => {
    for (const nodeName of ['localhost', 'node-a.invalid']) {
      const { addresses } = await readNodeFacts({ ...options, nodeIps: [], nodeName }, t.signal)
      assert.equal(addresses.length, 1)
      assert.notEqual(isIP(addresses[0] ?? ''), 0)
      assert.doesNotMatch(addresses[0] ?? '', /^(?:127\.|::1$)/u)
    }
  })

  it('ends when it is told to', async () => {
    await assert.rejects(readNodeFacts({ ...options, nodeIps: [] }, AbortSignal.abort()), { name: 'AbortError' })
  })
})
