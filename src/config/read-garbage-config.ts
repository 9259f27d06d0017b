import { goDuration } from '../util/go-duration.ts'
import type { GarbageConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'

/** The settings of the garbage collection, with a fault noted as the kubelet puts it (ValidateKubeletConfiguration). */
export function readGarbageConfig(reader: SettingReader): GarbageConfig {
  const containers = {
    minAgeMs: reader.read(settings.deadContainerMinAgeMs),
    perContainer: reader.read(settings.deadPerContainer),
    total: reader.read(settings.deadContainers),
  }
  const images = {
    highPercent: reader.read(settings.imageHighPercent),
    lowPercent: reader.read(settings.imageLowPercent),
    minAgeMs: reader.read(settings.imageMinAgeMs),
    maxAgeMs: reader.read(settings.imageMaxAgeMs),
  }
  const scope = reader.read(settings.imageScope)
  const fault = (text: string): void => reader.fault(`invalid configuration: ${text}`)
  if (containers.minAgeMs < 0) {
    reader.fault(`invalid minimum garbage collection age: ${goDuration(containers.minAgeMs)}`)
  }
  const { highPercent, lowPercent, minAgeMs, maxAgeMs } = images
  const high = 'imageGCHighThresholdPercent (--image-gc-high-threshold)'
  const low = 'imageGCLowThresholdPercent (--image-gc-low-threshold)'
  if (!isPercent(highPercent)) fault(`${high} ${highPercent} must be between 0 and 100, inclusive`)
  if (!isPercent(lowPercent)) fault(`${low} ${lowPercent} must be between 0 and 100, inclusive`)
  if (lowPercent >= highPercent) fault(`${low} ${lowPercent} must be less than ${high} ${highPercent}`)
  if (minAgeMs < 0) fault(`imageMinimumGCAge ${goDuration(minAgeMs)} must not be negative`)
  if (maxAgeMs < 0) fault(`imageMaximumGCAge ${goDuration(maxAgeMs)} must not be negative`)
  if (maxAgeMs > 0 && maxAgeMs <= minAgeMs) {
    fault(`imageMaximumGCAge ${goDuration(maxAgeMs)} must be greater than imageMinimumGCAge ${goDuration(minAgeMs)}`)
  }
  return { containers, images, scope }
}

function isPercent(value: number): boolean {
  return value >= 0 && value <= 100
}
