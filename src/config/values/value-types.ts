import { isIP } from 'node:net'
import { allowlistFault } from '../../model/verification-policy.ts'
import { goDuration } from '../../util/go-duration.ts'
import { parseQuantity, wholeUnits } from '../../util/quantity.ts'
import { parseDuration } from './parse-duration.ts'
import { decoded, listType, refused, textType, type Decoded, type ValueType } from './value-type.ts'

/** Any text; the empty one too. */
export const text = textType<string>('TEXT', decoded)

/** Any text; the empty one counts as not given. */
export const optionalText = textType<string | undefined>('TEXT', (value) => decoded(value === '' ? undefined : value))

/** The name or id of a network of Docker's. Those in which a Pod has no address of its own are none. */
export const podNetwork = textType<string>('NAME', (value) =>
  /^[a-zA-Z0-9][\w.-]*$/u.test(value) && value !== 'host' && value !== 'none'
    ? decoded(value)
    : refused('the name of a network of Docker in which Pods have an address of their own, so neither host nor none'),
)

export const path = textType<string>('PATH', (value) => (value === '' ? refused('a path') : decoded(value)))
export const optionalPath = textType<string | undefined>('PATH', (value) => decoded(value === '' ? undefined : value))

/** An IPv4 or IPv6 address. */
export const ipAddress = textType<string>('IP', (value) =>
  isIP(value) === 0 ? refused('an IP address') : decoded(value),
)

/** Any number of addresses. */
export const ipAddresses = listType<readonly string[]>('IP,...', parseAddresses)

/** One address, or one IPv4 and one IPv6 address. */
export const nodeAddresses: ValueType<readonly string[]> = textType('IP[,IP]', (value) => {
  const expected = 'one IP address, or one IPv4 and one IPv6 address with a comma between them'
  const items = value === '' ? [] : value.split(',').map((item) => item.trim())
  const addresses = parseAddresses(items)
  if (addresses.kind === 'fault' || items.length > 2) return refused(expected)
  return items.length === 2 && isIP(items[0] ?? '') === isIP(items[1] ?? '') ? refused(expected) : addresses
})

/** A switch: `--x`, `--x=false`. */
export const toggle: ValueType<boolean> = {
  hint: '',
  fromFlag: (texts) => {
    // What Go's strconv.ParseBool takes.
    const value = texts.at(-1) ?? ''
    if (/^(?:1|t|true)$/iu.test(value)) return decoded(true)
    return /^(?:0|f|false)$/iu.test(value) ? decoded(false) : refused('true or false')
  },
  fromFile: (value) => (typeof value === 'boolean' ? decoded(value) : refused('true or false')),
}

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): ValueType<number> {
  const expected = `a whole number from ${min} to ${max}`
  const check = (value: number): Decoded<number> =>
    Number.isInteger(value) && value >= min && value <= max ? decoded(value) : refused(expected)
  return {
    hint: 'NUMBER',
    fromFlag: (texts) => {
      const value = texts.at(-1) ?? ''
      return /^-?\d+$/u.test(value) ? check(Number(value)) : refused(expected)
    },
    fromFile: (value) => (typeof value === 'number' ? check(value) : refused(expected)),
  }
}

/** A port, 0 for none. */
export const port = integer(0, 65_535)

/** An int32, for whoever has a word of his own for what is out of bounds. */
export const anyInteger = integer(-2_147_483_648, 2_147_483_647)

/** A number of things, as an int32. */
export const count = integer(0, 2_147_483_647)

/**
 * Milliseconds of a Go duration within bounds, both included. As in the kubelet, 0 in the file is one that is not set:
 * kubeadm fills its files with them.
 */
export function duration(minMs: number, maxMs: number = Number.POSITIVE_INFINITY): ValueType<number> {
  const least = `at least ${goDuration(minMs)}`
  const bounds = Number.isFinite(maxMs) ? `${least} and at most ${goDuration(maxMs)}` : least
  const expected = `a duration such as "10s" or "1m30s", ${bounds}`
  const type = textType<number>('DURATION', (value) => {
    const milliseconds = parseDuration(value)
    const fits = milliseconds !== undefined && milliseconds >= minMs && milliseconds <= maxMs
    return fits ? decoded(milliseconds) : refused(expected)
  })
  return { ...type, isUnset: (value) => typeof value === 'string' && parseDuration(value) === 0 }
}

/** Bytes of a file of a log; anything below 0 for no limit. */
export const logBytes = textType<number>('QUANTITY', (value) => {
  const quantity = parseQuantity(value)
  const bytes = quantity === undefined ? 0 : Number(wholeUnits(quantity))
  return bytes === 0 ? refused('a size such as "10Mi", or a negative one for no limit') : decoded(bytes)
})

/** The same without bounds, for whoever has a word of his own for what is out of them. */
export const anyDuration: ValueType<number> = {
  ...textType<number>('DURATION', (value) => {
    const milliseconds = parseDuration(value)
    return milliseconds === undefined ? refused('a duration such as "10s" or "1m30s"') : decoded(milliseconds)
  }),
  isUnset: (value) => typeof value === 'string' && parseDuration(value) === 0,
}

/** One of a closed list of words. */
export function choice<Word extends string>(words: readonly Word[]): ValueType<Word> {
  return textType(words.join('|'), (value) => {
    const word = words.find((candidate) => candidate === value)
    return word === undefined ? refused(`one of ${words.map((each) => `"${each}"`).join(', ')}`) : decoded(word)
  })
}

/** Where Docker answers. */
export const dockerEndpoint = textType<string>('URL', (value) =>
  /^(?:unix:\/\/\/.|(?:tcp|http|https|ssh):\/\/.)/u.test(value)
    ? decoded(value)
    : refused('an address such as "unix:///var/run/docker.sock" or "tcp://127.0.0.1:2376"'),
)

/** Images that need no credentials, by name or by what their names begin with. */
export const imagePatterns = listType<readonly string[]>('NAME,...', (items) => {
  for (const item of items) {
    const fault = allowlistFault(item)
    if (fault !== undefined)
      return refused(`names of images without tag or digest, or "NAME/*", and "${item}" ${fault}`)
  }
  return decoded(items)
})

function parseAddresses(items: readonly string[]): Decoded<readonly string[]> {
  const wrong = items.find((item) => isIP(item) === 0)
  return wrong === undefined ? decoded(items) : refused(`IP addresses, and "${wrong}" is none`)
}
