import { KubeletError } from '../model/errors.ts'
import { isRecord } from '../util/is-record.ts'
import type { Coordinates } from './records/pulled-record.ts'

/** A name and a password for the registries that `registry` covers; see keyring.ts. */
export interface RegistryEntry {
  /** As it was written: `https://index.docker.io/v1/`, `registry.test:5000/team`, `*.registry.test`. */
  readonly registry: string
  readonly username: string
  readonly password: string
  /** The secret that it stands in; left out of the node's own. */
  readonly secret?: Coordinates
}

/** What a `config.json` of Docker's tools says about registries. */
export interface DockerConfig {
  readonly entries: readonly RegistryEntry[]
  /**
   * Helper for every registry that has none of its own: `secretservice` is the program
   * `docker-credential-secretservice`.
   */
  readonly credsStore: string | undefined
  /** Helper by registry. */
  readonly credHelpers: ReadonlyMap<string, string>
}

/**
 * Reads the form of `config.json` and of secrets of type `kubernetes.io/dockerconfigjson`: `{ "auths": { … } }`. Throws
 * `invalid`; never with a word of the text, which holds passwords.
 */
export function parseDockerConfig(text: string): DockerConfig {
  const value = parseObject(text)
  const { auths = {}, credsStore, credHelpers } = value
  const helpers = isRecord(credHelpers) ? Object.entries(credHelpers) : []
  return {
    entries: decodeEntries(auths ?? {}, '"auths"'),
    credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
    credHelpers: new Map(helpers.filter((helper): helper is [string, string] => typeof helper[1] === 'string')),
  }
}

/**
 * Reads the older form, of `.dockercfg` and of secrets of type `kubernetes.io/dockercfg`: the registries
 * themselves. Throws `invalid`.
 */
export function parseDockercfg(text: string): readonly RegistryEntry[] {
  return decodeEntries(parseObject(text), 'it')
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // V8's own words quote the text.
    throw new KubeletError('invalid', 'it is not JSON')
  }
  if (isRecord(value)) return value
  throw new KubeletError('invalid', 'it is not a JSON object')
}

/** Entries without a name and a password, as stand for what a helper knows, are left out: they are anonymous. */
function decodeEntries(value: unknown, where: string): readonly RegistryEntry[] {
  if (!isRecord(value)) throw new KubeletError('invalid', `${where} is not a JSON object`)
  return Object.entries(value)
    .map(([registry, entry]) => decodeEntry(registry, entry))
    .filter(({ username, password }) => username !== '' || password !== '')
}

function decodeEntry(registry: string, entry: unknown): RegistryEntry {
  if (!isRecord(entry)) throw new KubeletError('invalid', `the entry of "${registry}" is not a JSON object`)
  const text = (key: string): string => {
    const value = entry[key] ?? ''
    if (typeof value === 'string') return value
    throw new KubeletError('invalid', `"${key}" of "${registry}" is not a string`)
  }
  const [username, password, auth] = [text('username'), text('password'), text('auth')]
  return { registry, ...(auth === '' ? { username, password } : decodeAuth(registry, auth)) }
}

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/u

/** `user:password` in base64, padded or not (decodeDockerConfigFieldAuth in pkg/credentialprovider/config.go). */
function decodeAuth(registry: string, auth: string): { readonly username: string; readonly password: string } {
  const compact = auth.replaceAll(/[\r\n]/gu, '')
  const decoded = base64Pattern.test(compact) ? Buffer.from(compact, 'base64').toString() : ''
  const colon = decoded.indexOf(':')
  if (colon !== -1) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
  throw new KubeletError('invalid', `"auth" of "${registry}" is not the base64 of "user:password"`)
}
