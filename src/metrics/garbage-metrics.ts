import type { MetricFamily } from './metric-family.ts'
import { Counter } from './registry/counter.ts'

/** What the garbage collection has removed. */
export class GarbageMetrics {
  readonly #images = new Counter({
    name: 'kubelet_image_garbage_collected_total',
    help: '[ALPHA] How many images the garbage collection has removed, by why: for their age, or for the disk to have room.',
    labels: ['reason'],
  })

  imageRemoved(reason: 'age' | 'space'): void {
    this.#images.inc(reason)
  }

  families(): readonly MetricFamily[] {
    return [this.#images.family()]
  }
}
