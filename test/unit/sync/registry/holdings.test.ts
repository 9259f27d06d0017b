import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../../src/model/kube.ts'
import { holdersOf } from '../../../../src/plan/admission/holders.ts'
import { Holdings } from '../../../../src/sync/registry/holdings.ts'
import { podAsking } from '../../../builders/admission.ts'
import { aStaticPod, cpu } from './admitted.ts'

function asking(uid: string, cpu: string): Pod {
  return podAsking({ cpu, memory: '1Mi' }, {}, { metadata: { uid, name: uid } })
}

/** The same, and how often anybody has looked what it asks for. */
function watched(pod: Pod): { readonly pod: Pod; readonly looks: () => number } {
  let looks = 0
  const { containers } = pod.spec
  const spec = {
    ...pod.spec,
    get containers() {
      looks += 1
      return containers
    },
  }
  return { pod: { ...pod, spec }, looks: () => looks }
}

const newcomer = asking('new', '1')

describe('what the Pods of a node hold together', () => {
  it('is what all of them ask for beside the one that asks, and those that room is being made for', () => {
    const holdings = new Holdings()
    const [one, other, itself, promised] = [asking('1', '1'), asking('2', '2'), asking('new', '4'), asking('p', '3')]
    holdings.read([one, itself])
    holdings.set(other)
    const { count, pods, requests } = holdings.beside(newcomer, [promised])
    assert.equal(count, 3)
    assert.deepEqual(pods(), [one, other, promised])
    assert.deepEqual(requests(), holdersOf([one, other, promised]).requests())
  })

  it('grows with each that is let in, and changes with one that is given something else', () => {
    const holdings = new Holdings()
    holdings.read([asking('1', '1')])
    assert.equal(holdings.beside(newcomer, []).requests().get('cpu'), 1000n)
    holdings.set(asking('2', '2'))
    assert.equal(holdings.beside(newcomer, []).requests().get('cpu'), 3000n)
    holdings.set(asking('1', '500m'))
    assert.equal(holdings.beside(newcomer, []).requests().get('cpu'), 2500n)
    holdings.read([])
    assert.equal(holdings.beside(newcomer, []).requests().get('cpu'), undefined)
  })

  it('leaves out the other versions of a manifest, which go first', () => {
    const holdings = new Holdings()
    const version = (uid: string): Pod => {
      const pod = aStaticPod('web', cpu('2'))
      return { ...pod, metadata: { ...pod.metadata, uid } }
    }
    const before = version('before')
    holdings.read([before, asking('1', '1')])
    const { count, requests } = holdings.beside(version('after'), [])
    assert.deepEqual([count, requests().get('cpu')], [1, 1000n])
  })

  it('is worked out once for each Pod, however many ask', () => {
    const holdings = new Holdings()
    const held = Array.from({ length: 20 }, (_, index) => watched(asking(`${index}`, '10m')))
    for (let round = 0; round < 3; round += 1) {
      holdings.read(held.map(({ pod }) => pod))
      for (let asked = 0; asked < 5; asked += 1) holdings.beside(newcomer, []).requests()
    }
    const once = watched(asking('other', '10m'))
    holdersOf([once.pod]).requests()
    assert.deepEqual(
      held.map(({ looks }) => looks()),
      held.map(() => once.looks()),
    )
  })
})
