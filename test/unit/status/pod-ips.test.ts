import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostIps, podIps } from '../../../src/status/pod-ips.ts'
import { anObservedPod, anObservedSandbox, nothing } from '../../builders/observed.ts'
import { aPod } from '../../builders/pod.ts'

const onHost = aPod({ spec: { hostNetwork: true } })

describe('the order of addresses', () => {
  const cases: readonly (readonly [
    title: string,
    node: readonly string[],
    ips: readonly string[],
    readonly string[],
  ])[] = [
    ['is IPv4 first on a node of IPv4', ['192.0.2.10'], ['fd00::5', '10.1.0.5'], ['10.1.0.5', 'fd00::5']],
    ['is IPv6 first on a node of IPv6', ['fd00::1', '192.0.2.10'], ['10.1.0.5', 'fd00::5'], ['fd00::5', '10.1.0.5']],
    ['has one of each family', ['192.0.2.10'], ['10.1.0.5', '10.2.0.5', 'fd00::5', 'fd00::6'], ['10.1.0.5', 'fd00::5']],
    ['has whatever there is', ['192.0.2.10'], ['fd00::5'], ['fd00::5']],
    ['is IPv4 first where nobody knows the node', [], ['fd00::5', '10.1.0.5'], ['10.1.0.5', 'fd00::5']],
  ]
  for (const [title, nodeIps, ips, expected] of cases) {
    it(title, () => {
      const observed = anObservedPod({ sandboxes: [anObservedSandbox({ ips })] })
      assert.deepEqual(podIps(aPod(), observed, { nodeIps, previous: undefined }), expected)
    })
  }

  it("is the node's own for its addresses, of which there is one of each family", () => {
    assert.deepEqual(hostIps(['192.0.2.10', '192.0.2.11', 'fd00::1']), {
      hostIP: '192.0.2.10',
      hostIPs: [{ ip: '192.0.2.10' }, { ip: 'fd00::1' }],
    })
    assert.deepEqual(hostIps([]), {})
  })
})

describe("the addresses of a Pod on the host's network", () => {
  it('are known before its sandbox is there', () => {
    assert.deepEqual(podIps(onHost, nothing, { nodeIps: ['192.0.2.10'], previous: undefined }), ['192.0.2.10'])
  })
})
