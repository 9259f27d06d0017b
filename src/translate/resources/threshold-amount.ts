import type { ThresholdValue } from '../../model/eviction-threshold.ts'
import { bytesQuantity, parseQuantity, type Quantity } from '../../util/quantity.ts'

/**
 * What a threshold is of so much, as the kubelet computes and prints it (GetThresholdQuantity
 * in pkg/kubelet/eviction/api).
 */
export function thresholdAmount(value: ThresholdValue, capacity: number): Quantity {
  if (value.kind === 'share') return bytesQuantity(capacity * value.share)
  return parseQuantity(value.quantity) ?? bytesQuantity(0)
}
