import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../../src/model/kube.ts'
import { holdersOf } from '../../../../src/plan/admission/holders.ts'
import { hostPortsRefusal } from '../../../../src/plan/admission/host-ports.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

type Port = NonNullable<ContainerSpec['ports']>[number]

const refusal = {
  reason: 'NodePorts',
  message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
}

function port(hostPort: number, hostIP?: string, protocol?: string): Port {
  return { containerPort: 80, hostPort, ...(hostIP === undefined ? {} : { hostIP }), ...(protocol && { protocol }) }
}

function podWith(...ports: readonly Port[]) {
  return aPod({ spec: { containers: [aContainer({ ports })] } })
}

describe('hostPortsRefusal', () => {
  const cases: readonly (readonly [title: string, wanted: readonly Port[], taken: readonly Port[], fits: boolean])[] = [
    ['no port of the node', [{ containerPort: 80 }], [port(80)], true],
    ['a free port', [port(81)], [port(80)], true],
    ['a port that is taken', [port(80)], [port(80)], false],
    ['the second of two ports taken', [port(81), port(80)], [port(80)], false],
    ['another protocol', [port(80, undefined, 'UDP')], [port(80)], true],
    ['the protocol that goes without saying', [port(80, undefined, 'TCP')], [port(80)], false],
    ['the same port at another address', [port(80, '10.0.0.1')], [port(80, '10.0.0.2')], true],
    ['the same port at the same address', [port(80, '10.0.0.1')], [port(80, '10.0.0.1')], false],
    ['every address where one is taken', [port(80)], [port(80, '10.0.0.1')], false],
    ['every address by its name where one is taken', [port(80, '0.0.0.0')], [port(80, '10.0.0.1')], false],
    ['one address where every one is taken', [port(80, '10.0.0.1')], [port(80, '0.0.0.0')], false],
    ['a port twice, for itself', [port(80), port(80)], [], true],
  ]
  for (const [title, wanted, taken, fits] of cases) {
    it(`${fits ? 'lets in' : 'refuses'} a Pod that wants ${title}`, () => {
      assert.deepEqual(hostPortsRefusal(podWith(...wanted), holdersOf([podWith(...taken)])), fits ? undefined : refusal)
    })
  }

  it('counts the ports of sidecars, and not those of init containers', () => {
    const init = (restartPolicy?: string) =>
      aPod({ spec: { initContainers: [aContainer({ ports: [port(80)], ...(restartPolicy && { restartPolicy }) })] } })
    assert.deepEqual(hostPortsRefusal(podWith(port(80)), holdersOf([init('Always')])), refusal)
    assert.deepEqual(hostPortsRefusal(init('Always'), holdersOf([podWith(port(80))])), refusal)
    assert.equal(hostPortsRefusal(podWith(port(80)), holdersOf([init()])), undefined)
  })
})
