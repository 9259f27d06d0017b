import { KubeletError } from '../../model/errors.ts'

/** Where Docker listens. */
export type DockerHost =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp'
      readonly hostname: string
      readonly port: number
      /** Folder with `ca.pem`, `cert.pem` and `key.pem`: TLS with both sides verified. Plain HTTP without it. */
      readonly certificates: string | undefined
    }

/** What Docker's own tools read from the environment. */
export interface DockerEnvironment {
  readonly DOCKER_HOST?: string | undefined
  readonly DOCKER_CERT_PATH?: string | undefined
}

const defaultHost: DockerHost = { kind: 'unix', path: '/var/run/docker.sock' }

/**
 * Docker's address: the value of `--docker-host` if there is one, else `$DOCKER_HOST`, else Docker's usual socket. A
 * host given as `tcp://` is spoken to with TLS where `$DOCKER_CERT_PATH` is set. Throws `configuration` for anything
 * that is no address.
 */
export function dockerHost(flag: string | undefined, environment: DockerEnvironment): DockerHost {
  const value = flag || environment.DOCKER_HOST
  if (!value) return defaultHost
  const parse = { value, source: flag ? '--docker-host' : 'DOCKER_HOST' }
  if (value.startsWith('unix://')) return unixHost(parse)
  if (value.startsWith('tcp://')) return tcpHost(parse, environment.DOCKER_CERT_PATH || undefined)
  if (value.startsWith('ssh://')) {
    const example = 'ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST'
    throw refused(parse, `ssh is not supported: forward the socket (${example}) and give unix:///tmp/docker.sock`)
  }
  throw refused(parse, 'expected unix:///PATH or tcp://HOST:PORT')
}

/** The address as Docker's tools write it. */
export function formatDockerHost(host: DockerHost): string {
  if (host.kind === 'unix') return `unix://${host.path}`
  return `tcp://${host.hostname.includes(':') ? `[${host.hostname}]` : host.hostname}:${host.port}`
}

interface Given {
  readonly value: string
  /** Where the user wrote it. */
  readonly source: string
}

function unixHost(given: Given): DockerHost {
  const path = given.value.slice('unix://'.length)
  if (!path.startsWith('/')) throw refused(given, 'the path of a socket must be absolute: unix:///PATH')
  return { kind: 'unix', path }
}

function tcpHost(given: Given, certificates: string | undefined): DockerHost {
  // Parsed as http, because URL gives the parts of a scheme it doesn't know less strictly.
  const url = URL.parse(given.value.replace('tcp://', 'http://'))
  const extra = url === null ? '' : url.pathname + url.search + url.hash + url.username
  if (url === null || url.hostname === '' || extra !== '/') throw refused(given, 'expected tcp://HOST:PORT')
  // An http URL drops port 80, its default, from `port`.
  const port = given.value.endsWith(':80') || given.value.endsWith(':80/') ? 80 : Number(url.port)
  const usual = certificates === undefined ? 2375 : 2376
  return { kind: 'tcp', hostname: url.hostname.replace(/^\[|\]$/gu, ''), port: port || usual, certificates }
}

function refused(given: Given, reason: string): KubeletError {
  return new KubeletError('configuration', `${given.source} "${given.value}": ${reason}`)
}
