import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import type { PodSpec } from '../../../src/model/kube.ts'
import { containerNamespaces, sandboxNamespaces } from '../../../src/translate/namespaces.ts'
import { aPod } from '../../builders/pod.ts'

const sandboxId = containerId('sandbox-0')
const joined = { NetworkMode: 'container:sandbox-0', IpcMode: 'container:sandbox-0' }
const held = { NetworkMode: 'default', IpcMode: 'shareable' }

/** What the sandbox and a container of a Pod with this spec have of their namespaces. */
const table: readonly (readonly [spec: Partial<PodSpec>, sandbox: object, container: object])[] = [
  [{}, held, { ...joined, Runtime: 'uts' }],
  [{ hostNetwork: true }, { ...held, NetworkMode: 'host' }, { ...joined, UTSMode: 'host' }],
  [{ hostIPC: true }, { ...held, IpcMode: 'host' }, { ...joined, Runtime: 'uts' }],
  [{ hostPID: true }, { ...held, PidMode: 'host' }, { ...joined, PidMode: 'host', Runtime: 'uts' }],
  [{ shareProcessNamespace: true }, held, { ...joined, PidMode: 'container:sandbox-0', Runtime: 'uts' }],
  [{ hostPID: false, hostIPC: false, hostNetwork: false }, held, { ...joined, Runtime: 'uts' }],
  [
    { hostNetwork: true, hostIPC: true, hostPID: true },
    { NetworkMode: 'host', IpcMode: 'host', PidMode: 'host' },
    { ...joined, PidMode: 'host', UTSMode: 'host' },
  ],
]

describe('the namespaces of a Pod', () => {
  for (const [spec, sandbox, container] of table) {
    it(`are as Docker is asked for them under ${JSON.stringify(spec)}`, () => {
      const pod = aPod({ spec })
      assert.deepEqual(sandboxNamespaces(pod, 'default'), sandbox)
      assert.deepEqual(containerNamespaces(pod, { sandboxId, runtime: 'uts' }), container)
    })
  }

  it("lie in Docker's network of the Pods", () => {
    assert.deepEqual(sandboxNamespaces(aPod(), 'pods'), { ...held, NetworkMode: 'pods' })
  })

  it('are without a runtime of ours where Docker has none that joins the hostname', () => {
    assert.deepEqual(containerNamespaces(aPod(), { sandboxId, runtime: undefined }), joined)
  })

  it("are with another container's processes where those are its own", () => {
    const seen = (spec: Partial<PodSpec>) =>
      containerNamespaces(aPod({ spec }), { sandboxId, runtime: undefined, processesOf: containerId('app-0') }).PidMode
    assert.equal(seen({}), 'container:app-0')
    assert.equal(seen({ shareProcessNamespace: true }), 'container:sandbox-0')
    assert.equal(seen({ hostPID: true }), 'host')
  })
})
