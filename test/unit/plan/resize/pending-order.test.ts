import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inOrder, type WaitingResize } from '../../../../src/plan/resize/pending-order.ts'
import { another, podAsking } from '../../../builders/admission.ts'
import { aContainer } from '../../../builders/pod.ts'

interface Change {
  readonly cpu?: string
  readonly priority?: number
  readonly sinceMs?: number | undefined
  readonly guaranteed?: boolean
}

/** A Pod that has 1 CPU and asks for 2. */
function waiting(
  name: string,
  { cpu = '2', priority = 0, sinceMs = 5, guaranteed = false }: Change = {},
): WaitingResize {
  const pod = (amount: string) => {
    const list = { cpu: amount, memory: '1Gi' }
    const resources = { requests: list, ...(guaranteed ? { limits: list } : {}) }
    return another(name, podAsking({}, { priority, containers: [aContainer({ resources })] }))
  }
  return { pod: pod(cpu), given: pod('1'), sinceMs }
}

function order(...all: readonly WaitingResize[]): string {
  return inOrder(all)
    .map(({ pod }) => pod.metadata.name)
    .join(' ')
}

describe('Pods that wait for something else', () => {
  it('come first when they ask for no more', () => {
    assert.equal(order(waiting('more', { priority: 9 }), waiting('less', { cpu: '500m', sinceMs: 9 })), 'less more')
  })

  it('come by their priority, then the Guaranteed, then who has waited longest, then the new', () => {
    assert.equal(
      order(
        { ...waiting('new'), sinceMs: undefined },
        waiting('late', { sinceMs: 3 }),
        waiting('early', { sinceMs: 2 }),
        waiting('guaranteed', { sinceMs: 9, guaranteed: true }),
        waiting('important', { sinceMs: 9, priority: 1 }),
      ),
      'important guaranteed early late new',
    )
  })
})
