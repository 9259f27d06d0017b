import { labelValueFault, qualifiedNameFault } from '../../util/names.ts'
import { taintEffects, type TaintConfig } from '../config.ts'
import { decoded, refused, splitCommas, type Decoded, type ValueType } from './value-type.ts'

/** `--register-with-taints`: `key=value:Effect` or `key:Effect`; in the file objects as in a Node's `spec.taints`. */
export const taints: ValueType<readonly TaintConfig[]> = {
  hint: 'KEY=VALUE:EFFECT,...',
  fromFlag: (texts) => all(splitCommas(texts).map(parseTaint)),
  fromFile: (value) => (Array.isArray(value) ? all(value.map(decodeTaint)) : refused('a list of taints')),
}

function parseTaint(text: string): Decoded<TaintConfig> {
  const match = /^([^=:]+)(?:=([^=:]*))?:([^=:]+)$/u.exec(text)
  if (match === null) return refused(`taints as key=value:Effect or key:Effect, and "${text}" is none`)
  const [, key = '', value = '', effect = ''] = match
  return checkTaint({ key, value, effect })
}

function decodeTaint(item: unknown): Decoded<TaintConfig> {
  const isObject = typeof item === 'object' && item !== null
  const key = isObject && 'key' in item ? item.key : undefined
  const value = isObject && 'value' in item ? item.value : ''
  const effect = isObject && 'effect' in item ? item.effect : undefined
  if (typeof key !== 'string' || typeof value !== 'string' || typeof effect !== 'string') {
    return refused('a list of taints with the strings key, effect and, if wanted, value')
  }
  return checkTaint({ key, value, effect })
}

function checkTaint(taint: {
  readonly key: string
  readonly value: string
  readonly effect: string
}): Decoded<TaintConfig> {
  const effect = taintEffects.find((candidate) => candidate === taint.effect)
  if (effect === undefined) {
    return refused(`taints with an effect of ${taintEffects.join(', ')}, and "${taint.effect}" is none of them`)
  }
  const fault = qualifiedNameFault(taint.key) ?? labelValueFault(taint.value)
  if (fault !== undefined) return refused(`valid taints, and "${taint.key}=${taint.value}" is none: ${fault}`)
  return decoded({ key: taint.key, value: taint.value, effect })
}

/** All of them, or the first fault; a key may come once with each effect. */
function all(items: readonly Decoded<TaintConfig>[]): Decoded<readonly TaintConfig[]> {
  const list: TaintConfig[] = []
  for (const item of items) {
    if (item.kind === 'fault') return item
    const { key, effect } = item.value
    if (list.some((other) => other.key === key && other.effect === effect)) {
      return refused(`taints that differ in key or effect, and "${key}:${effect}" is given twice`)
    }
    list.push(item.value)
  }
  return decoded(list)
}
