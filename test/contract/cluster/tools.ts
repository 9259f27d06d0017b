/** What the parts of the cluster's contract suite share. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { PodKey } from '../../../src/cluster/cluster.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'
import type { Pod } from '../../../src/model/kube.ts'

export async function rejects(code: ErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(KubeletError.is(error, code), `expected "${code}", got ${String(error)}`)
    return true
  })
}

export function keyOf({ metadata: { namespace, name, uid } }: Pod): PodKey {
  return { namespace, name, uid }
}

export function ready(value: 'True' | 'False'): { readonly type: string; readonly status: string } {
  return { type: 'Ready', status: value }
}

export function byType(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries((conditions ?? []).map((condition) => [condition.type, condition.status]))
}

/**
 * The server's authorizer learns of a Pod a moment after it was bound, its admission perhaps later still. Asks again
 * for 10 s at most while the answer is one of `notYet`.
 */
export async function onceAllowed<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  notYet: readonly ErrorCode[] = ['forbidden'],
): Promise<T> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!KubeletError.is(error, ...notYet)) throw error
      await delay(20, undefined, { signal: deadline })
    }
  }
}
