import { parseArgs } from 'node:util'
import { closestName } from '../util/closest-name.ts'
import { replacementFor, unsupportedKubeletFlags } from './kubelet-flags.ts'
import { settingList } from './settings/settings.ts'

/** What a command line asks for. `texts` has, by flag, all that was given, in order, and is not yet checked. */
export type ParsedFlags =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'flags'
      readonly texts: ReadonlyMap<string, readonly string[]>
      readonly faults: readonly string[]
    }

/** Flags by name, and whether they are switches, which take no value from the next argument. */
const flags: ReadonlyMap<string, { readonly isSwitch: boolean }> = new Map([
  ...settingList.flatMap(({ flag, type }) =>
    flag === undefined ? [] : [[flag, { isSwitch: type.hint === '' }] as const],
  ),
  ['help', { isSwitch: true }] as const,
  ['version', { isSwitch: true }] as const,
])

/**
 * Splits a command line (without node and script) into flags, `--flag value` and `--flag=value` alike. Unknown flags,
 * missing values and arguments that belong to no flag are listed as faults.
 */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const texts = new Map<string, readonly string[]>()
  const faults: string[] = []
  let mayBeValueOfUnknownFlag = false
  for (const token of tokenize(argv)) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      // After a flag that we don't know, it is probably that flag's value and not worth a second message.
      if (!mayBeValueOfUnknownFlag)
        faults.push(`Unexpected argument "${token.value}": only flags are taken, see --help`)
      mayBeValueOfUnknownFlag = false
      continue
    }
    const known = flags.get(token.name)
    mayBeValueOfUnknownFlag = known === undefined && token.value === undefined
    if (known === undefined) faults.push(unknownFlag(token.name))
    else if (token.value === undefined && !known.isSwitch) faults.push(`Flag --${token.name} needs a value`)
    else texts.set(token.name, [...(texts.get(token.name) ?? []), token.value ?? 'true'])
  }
  if (texts.has('help')) return { kind: 'help' }
  return texts.has('version') ? { kind: 'version' } : { kind: 'flags', texts, faults }
}

function tokenize(argv: readonly string[]) {
  const options = Object.fromEntries(
    [...flags].map(([name, { isSwitch }]) => [name, { type: isSwitch ? ('boolean' as const) : ('string' as const) }]),
  )
  return parseArgs({ args: argv.map(normalize), options, strict: false, allowPositionals: true, tokens: true }).tokens
}

/** The kubelet's shorthands as long flags, and `_` in a flag's name as `-`, which the kubelet takes too. */
function normalize(argument: string): string {
  if (argument === '-h') return '--help'
  if (argument === '-v') return '--v'
  const short = /^-v=?(\d+)$/u.exec(argument)
  if (short !== null) return `--v=${short[1] ?? ''}`
  const long = /^--([^=]+)(.*)$/su.exec(argument)
  return long === null ? argument : `--${(long[1] ?? '').replaceAll('_', '-')}${long[2] ?? ''}`
}

function unknownFlag(name: string): string {
  const written = name.length === 1 ? `-${name}` : `--${name}`
  if (unsupportedKubeletFlags.includes(name)) {
    return `${written} is a kubelet flag that minikubelet does not support${replacementFor(name)}`
  }
  const meant = closestName(name, flags.keys())
  return `Unknown flag ${written}${meant === undefined ? ', see --help' : `, did you mean --${meant}?`}`
}
