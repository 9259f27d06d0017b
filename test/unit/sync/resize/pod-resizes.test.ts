import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { Pod } from '../../../../src/model/kube.ts'
import type { PodEvent } from '../../../../src/model/pod-event.ts'
import { PodResizes } from '../../../../src/sync/resize/pod-resizes.ts'
import type { ResizeRecord } from '../../../../src/sync/resize/resize-records.ts'
import { aPod } from '../../../builders/pod.ts'
import { quiet } from '../../../support/quiet.ts'
import { having, of } from './resizable.ts'

function podWith(cpu: string, generation: number): Pod {
  return aPod({ metadata: { generation }, spec: { containers: [having(of(`${cpu}/`))] } })
}

function cpuOf({ spec }: Pod): string | undefined {
  return spec.containers[0]?.resources?.requests?.['cpu']
}

interface Bed extends Disposable {
  readonly resizes: PodResizes
  readonly faults: readonly KubeletError[]
  readonly kinds: readonly string[]
  /** A new version of the Pod comes. */
  readonly ask: (pod: Pod) => Promise<void>
  /** What is done when a record is to be written. */
  onWrite: () => Promise<void>
}

/** The resizes of one Pod, which may have what it asks for. */
function aBed(): Bed {
  let record: ResizeRecord | undefined
  let newest = podWith('1', 1)
  const end = new AbortController()
  const faults: KubeletError[] = []
  const events: PodEvent[] = []
  const bed = {
    faults,
    get kinds() {
      return events.map(({ kind }) => kind)
    },
    onWrite: async () => undefined,
    ask: async (pod: Pod) => {
      newest = pod
      resizes.look(pod)
      await quiet()
    },
    [Symbol.dispose]: () => end.abort(),
  }
  const resizes = new PodResizes({
    records: {
      get: () => record,
      update: async (_uid, change) => {
        const next = change(record)
        await bed.onWrite()
        record = next
      },
      forget: () => undefined,
    },
    noted: () => undefined,
    admitted: () => newest,
    judge: () => ({ kind: 'admitted' }),
    preempt: () => undefined,
    isReady: () => true,
    onChanged: () => undefined,
    emit: (event) => events.push(event),
    onFault: (error) => faults.push(error),
  })
  resizes.look(newest)
  void resizes.run(end.signal)
  return Object.assign(bed, { resizes })
}

describe('what a Pod was given', () => {
  it('is nobody else’s while it is being written down, and not the Pod’s before that is done', async () => {
    using bed = aBed()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    bed.onWrite = () => promise
    const pod = podWith('2', 2)
    await bed.ask(pod)
    assert.deepEqual([cpuOf(bed.resizes.given(pod)), cpuOf(bed.resizes.holding(pod))], ['1', '2'])
    assert.deepEqual(bed.kinds, [])
    resolve(undefined)
    await quiet()
    assert.deepEqual([cpuOf(bed.resizes.given(pod)), cpuOf(bed.resizes.holding(pod))], ['2', '2'])
    assert.deepEqual(bed.kinds, ['resize-started'])
  })

  it('is what it was where that cannot be written down, and it is tried again', async () => {
    using bed = aBed()
    bed.onWrite = () => Promise.reject(new KubeletError('internal', 'no space left on device'))
    const pod = podWith('2', 2)
    await bed.ask(pod)
    assert.deepEqual([cpuOf(bed.resizes.given(pod)), cpuOf(bed.resizes.holding(pod))], ['1', '1'])
    assert.deepEqual(
      bed.faults.map(({ message }) => message),
      ['no space left on device'],
    )
    bed.onWrite = async () => undefined
    bed.resizes.retry()
    await quiet()
    assert.equal(cpuOf(bed.resizes.given(pod)), '2')
  })
})
