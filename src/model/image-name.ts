/**
 * Names of images as registries and Docker take them (github.com/distribution/reference, whose grammar and texts these
 * are): `[host[:port]/]path[:tag][@digest]`.
 */
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = String.raw`(?:${domainPart}(?:\.${domainPart})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const path = `${pathPart}(?:/${pathPart})*`
const tag = String.raw`\w[\w.-]{0,127}`
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const referencePattern = new RegExp(`^(?:${domain}/)?(${path})(?::${tag})?(?:@(${digest}))?$`, 'u')
const longestPath = 255

/** Hexadecimal digits of each digest that there is. */
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** Why this can be no name of an image, in the words of Docker's parser; `undefined` for a name. */
export function imageNameFault(image: string): string | undefined {
  if (/^[a-f0-9]{64}$/u.test(image)) {
    return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`
  }
  const { host, rest } = splitHost(image)
  const [name = ''] = rest.split(':', 1)
  if (name !== name.toLowerCase()) return `invalid reference format: repository name (${name}) must be lowercase`
  const match = referencePattern.exec(`${host}/${rest}`)
  if (match === null) return 'invalid reference format'
  const [, repository = '', hash] = match
  if (repository.length > longestPath) return `repository name must not be more than ${longestPath} characters`
  return hash === undefined ? undefined : digestFault(hash)
}

function digestFault(hash: string): string | undefined {
  const [algorithm = '', encoded = ''] = hash.split(':', 2)
  const length = digestLengths[algorithm]
  if (length === undefined) return 'unsupported digest algorithm'
  if (encoded.length !== length) return 'invalid checksum digest length'
  return /^[a-f0-9]+$/u.test(encoded) ? undefined : 'invalid checksum digest format'
}

/** Docker's way to tell a host from a user of its own registry, and the path that a short name stands for. */
function splitHost(image: string): { readonly host: string; readonly rest: string } {
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(slash, 0))
  const isHost = /[.:]/u.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const host = isHost && first !== 'index.docker.io' ? first : 'docker.io'
  const rest = isHost ? image.slice(slash + 1) : image
  return { host, rest: host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest }
}

/** The name of an image without its tag and its digest. */
export function imageNameOnly(image: string): string {
  const [named = ''] = image.split('@', 1)
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return colon === -1 ? named : named.slice(0, colon)
}
