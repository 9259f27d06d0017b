import { evictionSignals, type EvictionSignal, type EvictionThreshold } from '../model/eviction-threshold.ts'
import { formatQuantity, parseQuantity } from '../util/quantity.ts'
import type { EvictionConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import type { Setting } from './settings/setting.ts'
import { settings } from './settings/settings.ts'
import type { Statements } from './values/eviction-statements.ts'
import { parseDuration } from './values/parse-duration.ts'

type Value = EvictionThreshold['value']
type Read<Result> =
  | { readonly kind: 'value'; readonly value: Result }
  | { readonly kind: 'fault'; readonly fault: string }

/** The kubelet's on Linux (pkg/kubelet/eviction/defaults_linux.go). */
const defaultHard: Statements = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
}

/**
 * When the node is short of something, with a fault noted, in the kubelet's words, for each threshold that makes no sense
 * (ParseThresholdConfig in pkg/kubelet/eviction/helpers.go). Given hard thresholds stand instead of all the default ones,
 * unless those are to be merged in.
 */
export function readEvictionConfig(reader: SettingReader, enforcesPods: boolean): EvictionConfig {
  const mergesDefaults = reader.read(settings.mergeDefaultEvictionSettings)
  const given = reader.read(settings.evictionHard)
  const statements = {
    hard: given === undefined ? defaultHard : mergesDefaults ? { ...defaultHard, ...given } : given,
    soft: reader.read(settings.evictionSoft),
    softGracePeriod: reader.read(settings.evictionSoftGracePeriod),
    minimumReclaim: reader.read(settings.evictionMinimumReclaim),
  }
  const reclaims = each(reader, settings.evictionMinimumReclaim, statements.minimumReclaim, minimumReclaim)
  const periods = each(reader, settings.evictionSoftGracePeriod, statements.softGracePeriod, gracePeriod)
  const hardValues = each(reader, settings.evictionHard, statements.hard, threshold)
  const softValues = each(reader, settings.evictionSoft, statements.soft, threshold)
  const made = (signal: EvictionSignal, value: Value, graceMs: number): EvictionThreshold => {
    const minReclaim = reclaims.get(signal)
    return { signal, value, graceMs, ...(minReclaim === undefined ? {} : { minReclaim }) }
  }
  const hard = [...hardValues].flatMap(([signal, value]) => (value === undefined ? [] : made(signal, value, 0)))
  const soft = [...softValues].flatMap(([signal, value]) => {
    const graceMs = periods.get(signal)
    if (value === undefined) return []
    if (graceMs !== undefined) return made(signal, value, graceMs)
    reader.fault(
      `${nameOf(settings.evictionSoft)}: grace period must be specified for the soft eviction threshold ${signal}`,
    )
    return []
  })
  const ignoresForAllocatable = reader.read(settings.ignoresEvictionForAllocatable)
  const all = [...hard, ...soft]
  return {
    ...statements,
    mergesDefaults,
    thresholds: enforcesPods && !ignoresForAllocatable ? [...all, ...all.flatMap(ofAllocatable)] : all,
    ignoresForAllocatable,
    reserved: ignoresForAllocatable ? [] : hard,
    pressureTransitionMs: reader.read(settings.evictionPressureTransitionMs),
    maxPodGraceSeconds: reader.read(settings.evictionMaxPodGracePeriod),
    watchesMemory: reader.read(settings.kernelMemcgNotification),
    isolatesLocalStorage: reader.read(settings.localStorageCapacityIsolation),
  }
}

/** What is true of the machine's memory is true of that of all Pods together, where they are held to it. */
function ofAllocatable({ signal, graceMs, ...threshold }: EvictionThreshold): readonly EvictionThreshold[] {
  if (signal !== 'memory.available' || graceMs > 0) return []
  return [{ ...threshold, signal: 'allocatableMemory.available', graceMs }]
}

function each<Result>(
  reader: SettingReader,
  setting: Setting<unknown>,
  statements: Statements,
  parse: (signal: EvictionSignal, text: string) => Read<Result>,
): ReadonlyMap<EvictionSignal, Result> {
  const results = new Map<EvictionSignal, Result>()
  for (const [name, text] of Object.entries(statements)) {
    const signal = evictionSignals.find((candidate) => candidate === name)
    const read = signal === undefined ? fault(`unsupported eviction signal ${name}`) : parse(signal, text)
    if (read.kind === 'fault') reader.fault(`${nameOf(setting)}: ${read.fault}`)
    else if (signal !== undefined) results.set(signal, read.value)
  }
  return results
}

/** `undefined` of a threshold that is never crossed, or always: it is none. */
function threshold(signal: EvictionSignal, text: string): Read<Value | undefined> {
  if (text === '0%' || text === '100%') return { kind: 'value', value: undefined }
  if (text.endsWith('%')) {
    const read = percentage(text)
    if (read.kind === 'fault') return read
    const { share } = read.value
    if (share < 0) return fault(`eviction percentage threshold ${signal} must be >= 0%: ${text}`)
    return share > 1 ? fault(`eviction percentage threshold ${signal} must be <= 100%: ${text}`) : read
  }
  const quantity = parseQuantity(text)
  if (quantity === undefined) return noQuantity(signal, text)
  const printed = formatQuantity(quantity)
  return quantity.nano <= 0n ? fault(`eviction threshold ${signal} must be positive: ${printed}`) : amount(printed)
}

function minimumReclaim(signal: EvictionSignal, text: string): Read<Value> {
  if (text.endsWith('%')) {
    const read = percentage(text)
    if (read.kind === 'fault' || read.value.share > 0) return read
    return fault(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`)
  }
  const quantity = parseQuantity(text)
  if (quantity === undefined) return noQuantity(signal, text)
  return quantity.nano < 0n
    ? fault(`negative eviction minimum reclaim specified for ${signal}`)
    : amount(formatQuantity(quantity))
}

function gracePeriod(signal: EvictionSignal, text: string): Read<number> {
  const milliseconds = parseDuration(text)
  if (milliseconds === undefined) return fault(`${signal}: "${text}" is no duration such as "1m30s"`)
  if (milliseconds >= 0) return { kind: 'value', value: milliseconds }
  return fault(`invalid eviction grace period specified: ${text}, must be a positive value`)
}

/** In the float32 in which the kubelet computes: this shows in the last digits of what is allocatable. */
function percentage(text: string): Read<Extract<Value, { kind: 'share' }>> {
  const digits = text.replace(/%+$/u, '')
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(digits)) return fault(`"${text}" is no percentage`)
  return { kind: 'value', value: { kind: 'share', share: Math.fround(Math.fround(Number(digits)) / 100) } }
}

function amount(quantity: string): Read<Value> {
  return { kind: 'value', value: { kind: 'quantity', quantity } }
}

function noQuantity(signal: EvictionSignal, text: string): Read<never> {
  return fault(`${signal}: "${text}" is no quantity such as "100Mi", and no percentage`)
}

function fault(text: string): Extract<Read<never>, { kind: 'fault' }> {
  return { kind: 'fault', fault: text }
}

function nameOf({ flag = '', field = '' }: Setting<unknown>): string {
  return `--${flag} (${field})`
}
