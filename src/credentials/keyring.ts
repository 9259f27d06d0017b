import type { RegistryCredentials } from '../engine/engine.ts'
import type { RegistryEntry } from './docker-config.ts'
import type { Coordinates } from './records/pulled-record.ts'
import { imageRepository, isDefaultRegistry, type ImageRepository } from './image-repository.ts'

/** A name and a password, and the Pod's secret that they are from; the node's own are from none. */
export interface PullCredential extends RegistryCredentials {
  readonly secret?: Coordinates
}

/** The key of Docker's default registry, which images name otherwise. */
const defaultRegistryKey = 'index.docker.io'

/**
 * The credentials among `entries` that an image may be pulled with, the most specific first, those of one registry in
 * their order (BasicDockerKeyring in pkg/credentialprovider/keyring.go). The same name and password are given once.
 */
export function findCredentials(entries: readonly RegistryEntry[], image: string): readonly PullCredential[] {
  const repository = imageRepository(image)
  const keyed = entries.map((entry) => ({ entry, key: registryKey(entry.registry) }))
  const matching = keyed.filter(({ key }) => matches(key, repository)).toSorted(longestKeyFirst)
  const found =
    matching.length === 0 && isDefaultRegistry(repository)
      ? keyed.filter(({ key }) => key === defaultRegistryKey)
      : matching
  return distinctCredentials(
    found.map(({ key, entry: { username, password, secret } }) => ({
      username,
      password,
      serverAddress: hostOf(key),
      ...(secret && { secret }),
    })),
  )
}

/** Without those that came before under another address: a second try with the same would fail the same way. */
export function distinctCredentials(all: readonly PullCredential[]): readonly PullCredential[] {
  return all.filter(
    ({ username, password }, index) =>
      all.findIndex((other) => other.username === username && other.password === password) === index,
  )
}

/** Without scheme, a leading `/v1` or `/v2`, and a lone slash: `https://index.docker.io/v1/` is `index.docker.io`. */
function registryKey(registry: string): string {
  const [place = ''] = registry.replace(/^https?:\/\//u, '').split(/[?#]/u, 1)
  const host = hostOf(place)
  const path = place.slice(host.length).replace(/^\/v[12](?=\/|$)/u, '')
  return path === '/' ? host : host + path
}

function hostOf(key: string): string {
  const slash = key.indexOf('/')
  return slash === -1 ? key : key.slice(0, slash)
}

/** In reverse alphabetical order a longer path comes before those that it begins with. */
function longestKeyFirst(one: { readonly key: string }, other: { readonly key: string }): number {
  if (one.key === other.key) return 0
  return one.key > other.key ? -1 : 1
}

/** The same number of labels, each a glob for the other's; the same port, if any; the path a prefix of the other's. */
function matches(key: string, { host, path }: ImageRepository): boolean {
  const keyHost = hostOf(key)
  if (!path.startsWith(key.slice(keyHost.length))) return false
  const pattern = splitHost(keyHost)
  const target = splitHost(host)
  if (pattern.port !== target.port || pattern.labels.length !== target.labels.length) return false
  return pattern.labels.every((label, index) => globMatches(label, target.labels[index] ?? ''))
}

function splitHost(host: string): { readonly labels: readonly string[]; readonly port: string } {
  const [, name = host, port = ''] = /^(.*):(\d*)$/u.exec(host) ?? []
  return { labels: name.split('.'), port }
}

/** A shell's `*`; its `?` would begin a URL's query. */
function globMatches(glob: string, label: string): boolean {
  const [start = '', ...rest] = glob.split('*')
  const end = rest.pop()
  if (end === undefined) return glob === label
  if (!label.startsWith(start) || !label.endsWith(end)) return false
  let position = start.length
  for (const part of rest) {
    const found = label.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return position <= label.length - end.length
}
