import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod, PodSpec } from '../../../../src/model/kube.ts'
import { oomScoreAdj } from '../../../../src/translate/resources/oom-score.ts'
import { asking } from '../../../builders/admission.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const nodeMemory = 8 * 1024 ** 3

/** The score of the first container of this name. */
function score(pod: Pod, name = 'main'): number {
  const { containers, initContainers = [] } = pod.spec
  const container = [...initContainers, ...containers].find((each) => each.name === name)
  assert.ok(container)
  return oomScoreAdj(pod, container, nodeMemory)
}

function podWith(spec: Partial<PodSpec>): Pod {
  return aPod({ spec })
}

const guaranteed = [aContainer({ resources: { limits: { cpu: '1', memory: '1Gi' } } })]

describe('oomScoreAdj', () => {
  const cases: readonly (readonly [title: string, spec: Partial<PodSpec>, score: number])[] = [
    ['1000 for what asks for nothing', {}, 1000],
    ['-997 for what is Guaranteed', { containers: guaranteed }, -997],
    [
      '-997 for what the node cannot do without',
      { priority: 2_000_001_000, priorityClassName: 'system-node-critical' },
      -997,
    ],
    [
      'by its class for what only the cluster cannot do without',
      { priority: 2_000_000_000, priorityClassName: 'system-cluster-critical' },
      1000,
    ],
    [
      'by its class where only the name of its priority is critical',
      { priorityClassName: 'system-node-critical' },
      1000,
    ],
    ['less the more memory it has asked for', { containers: [asking({ memory: '2Gi' })] }, 750],
    ['999 for what has asked for hardly any', { containers: [asking({ memory: '1Mi' })] }, 999],
    ['999 for what has asked for no memory, but for CPU', { containers: [asking({ cpu: '1' })] }, 999],
    ['3 for what has asked for all of it', { containers: [asking({ memory: '8Gi' })] }, 3],
    ['3 for what has asked for more than there is', { containers: [asking({ memory: '80Gi' })] }, 3],
  ]
  for (const [title, spec, expected] of cases) {
    it(`is ${title}`, () => assert.equal(score(podWith(spec)), expected))
  }

  it('spares a sidecar at least as much as the container with the least memory', () => {
    const sidecar = (memory: string): Partial<PodSpec> => ({
      initContainers: [asking({ memory }, { name: 'sidecar', restartPolicy: 'Always' })],
      containers: [asking({ memory: '4Gi' }), asking({ memory: '2Gi' }, { name: 'small' })],
    })
    assert.equal(score(podWith(sidecar('1Gi')), 'sidecar'), 750)
    assert.equal(score(podWith(sidecar('3Gi')), 'sidecar'), 625)
  })

  it('does not spare an init container for the sake of others', () => {
    const initContainers = [asking({ memory: '1Gi' }, { name: 'init' })]
    assert.equal(score(podWith({ initContainers, containers: [asking({ memory: '4Gi' })] }), 'init'), 875)
  })

  it('gives each container its share of what the Pod asks for beyond them', () => {
    const spec: Partial<PodSpec> = {
      resources: { requests: { memory: '4Gi' } },
      containers: [asking({ memory: '1Gi' }), asking({ memory: '1Gi' }, { name: 'other' })],
    }
    // 1 GiB of its own and 1 GiB of the other two.
    assert.equal(score(podWith(spec)), 750)
    const initContainers = [asking({ memory: '0' }, { name: 'init' })]
    assert.equal(score(podWith({ ...spec, initContainers }), 'init'), 1000 - Math.trunc((1000 * (2 / 3)) / 8))
  })

  it('gives no shares where the Pod as a whole asks for no memory', () => {
    const spec = { resources: { requests: { cpu: '1' } }, containers: [asking({ memory: '1Gi' })] }
    assert.equal(score(podWith(spec)), 875)
  })
})
