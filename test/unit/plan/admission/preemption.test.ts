import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { choosePreemption } from '../../../../src/plan/admission/preemption.ts'
import type { Shortage } from '../../../../src/plan/admission/resource-fit.ts'
import { another, podAsking } from '../../../builders/admission.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

type Resources = Readonly<Record<string, string>>

const critical = aPod({ metadata: { uid: 'critical' }, spec: { priority: 2_000_000_000 } })

function burstable(name: string, requests: Resources, priority?: number): Pod {
  return another(name, podAsking(requests, priority === undefined ? {} : { priority }))
}

function guaranteed(name: string, limits: Resources): Pod {
  const containers = [aContainer({ resources: { requests: limits, limits } })]
  return another(name, aPod({ spec: { containers } }))
}

const bestEffort = (name: string): Pod => another(name, aPod())

/** A need: what is short when nothing is left. */
function need(resource: string, quantity: number): Shortage {
  return { resource, requested: BigInt(quantity), used: 10n, capacity: 10n }
}

function victims(others: readonly Pod[], ...needs: readonly Shortage[]): readonly string[] | string {
  const preemption = choosePreemption(critical, others, needs)
  return preemption.kind === 'victims' ? preemption.victims.map(({ metadata }) => metadata.name) : preemption.missing
}

describe('choosePreemption', () => {
  const small = burstable('small', { cpu: '100m', memory: '100Mi' })
  const big = burstable('big', { cpu: '300m', memory: '300Mi' })
  const safe = guaranteed('safe', { cpu: '1', memory: '1Gi' })
  const mib = 1024 * 1024

  const cases: readonly (readonly [
    title: string,
    chosen: readonly string[] | string,
    expected: readonly string[] | string,
  ])[] = [
    ['nobody when nothing is needed', victims([small, big]), []],
    ['the one Pod that is enough, and as small as can be', victims([big, small], need('cpu', 100)), ['small']],
    ['one that is big enough rather than several', victims([small, big], need('cpu', 250)), ['big']],
    ['both where one is not enough', victims([small, big], need('cpu', 350)), ['big', 'small']],
    ['Burstable before Guaranteed', victims([safe, small], need('cpu', 100)), ['small']],
    ['Guaranteed where nothing else helps', victims([safe, small, big], need('cpu', 1000)), ['safe']],
    [
      'as few Guaranteed Pods as there can be, and then only as many others as are needed',
      victims([safe, small, big], need('cpu', 1100)),
      ['small', 'safe'],
    ],
    ['BestEffort Pods for their places only', victims([bestEffort('idle'), small], need('pods', 1)), ['idle']],
    ['BestEffort Pods last where they free nothing', victims([bestEffort('idle'), small], need('cpu', 50)), ['small']],
    [
      'who is nearest to all needs together',
      victims(
        [burstable('cpu', { cpu: '400m' }), burstable('both', { cpu: '200m', memory: '200Mi' })],
        need('cpu', 200),
        need('memory', 200 * mib),
      ),
      ['both'],
    ],
    [
      'first who helps a little everywhere, then who fills one need: what is left counts by its square',
      victims(
        [
          burstable('cpu', { cpu: '1' }),
          burstable('memory', { memory: '1Gi' }),
          burstable('both', { cpu: '400m', memory: '400Mi' }),
        ],
        need('cpu', 1000),
        need('memory', 1000 * mib),
      ),
      ['both', 'cpu', 'memory'],
    ],
    [
      'all that ask for anything, where the whole node is wanted',
      victims(
        [bestEffort('idle'), small, guaranteed('equal', { cpu: '100m', memory: '100Mi' })],
        need('cpu', 200),
        need('memory', 200 * mib),
      ),
      ['small', 'equal'],
    ],
    [
      'several that fill the needs together',
      victims(
        [burstable('cpu', { cpu: '1' }), burstable('memory', { memory: '1Gi' })],
        need('cpu', 1),
        need('memory', 1),
      ),
      ['cpu', 'memory'],
    ],
    [
      'nobody where all together are not enough',
      victims([small, big], need('cpu', 500), need('memory', 500 * mib), need('pods', 1)),
      '[(res: cpu, q: 100), (res: memory, q: 104857600), ]',
    ],
  ]
  for (const [title, chosen, expected] of cases) {
    it(`takes ${title}`, () => assert.deepEqual(chosen, expected))
  }

  it('counts what is over-used already as needed too', () => {
    const lack = { resource: 'cpu', requested: 100n, used: 300n, capacity: 200n }
    const chosen = choosePreemption(critical, [small, big], [lack])
    assert.deepEqual(chosen.kind === 'victims' && chosen.victims.map(({ metadata }) => metadata.name), ['big'])
  })

  it('never takes a critical Pod of the same priority, nor a static one', () => {
    const annotations = { [configSourceAnnotation]: 'file' }
    const fixed = podAsking({ cpu: '1' }, {}, { metadata: { name: 'static', uid: 'static', annotations } })
    assert.equal(
      victims([burstable('peer', { cpu: '1' }, 2_000_000_000), fixed], need('cpu', 1)),
      '[(res: cpu, q: 1), ]',
    )
  })

  it('takes a critical Pod of lower priority', () => {
    const lower = burstable('lower', { cpu: '1' }, 2_000_000_000)
    const higher = aPod({ metadata: { uid: 'critical' }, spec: { priority: 2_000_001_000 } })
    assert.deepEqual(choosePreemption(higher, [lower], [need('cpu', 1)]), { kind: 'victims', victims: [lower] })
  })
})
