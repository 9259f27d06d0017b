/**
 * Resolves a kubeconfig with the library that knows all of it (certificates, tokens, credential plugins, OIDC,
 * in-cluster). Run as a script, `resolve-credentials [KUBECONFIG [FLAG]]`: loading @kubernetes/client-node costs some 90 MB,
 * which a short-lived process gives back. Prints one `CredentialAnswer` on stdout, a pipe: secrets are never in
 * arguments or in the environment. See docs/decisions/api-client.md.
 */
import { X509Certificate } from 'node:crypto'
import type { RequestOptions } from 'node:https'
import { bufferFromFileOrString, KubeConfig, type User } from '@kubernetes/client-node'
import { KubeletError } from '../model/errors.ts'
import type { ApiCredentials, CredentialAnswer, CredentialFiles } from './kubeconfig/api-credentials.ts'
import { isJsonObject, stringAt } from './json-object.ts'
import { loadKubeconfig, type KubeconfigEntries } from './kubeconfig/load-kubeconfig.ts'

/**
 * The credentials of a kubeconfig's current context; without a path see `loadKubeconfig`. Throws `configuration` for a
 * fault in the file, which `flag` has named, or in a file that it names, `unauthorized` when a credential plugin
 * or identity provider refuses.
 */
export async function resolveCredentials(kubeconfig: string | undefined, flag?: string): Promise<ApiCredentials> {
  const entries = loadKubeconfig(kubeconfig, flag)
  const { cluster } = entries
  const options = await userOptions(entries)
  const certificate = pem(options.cert)
  const headers = requestHeaders(options)
  return {
    server: cluster.server,
    ca: certificateAuthority(entries),
    certificate,
    key: pem(options.key),
    headers,
    tlsServerName: cluster.tlsServerName,
    insecureSkipTlsVerify: cluster.skipTLSVerify === true,
    proxyUrl: cluster.proxyUrl,
    expiresAtMs: expiry(certificate, headers['authorization']),
    files: filesOf(entries),
  }
}

function filesOf({ cluster, user }: KubeconfigEntries): CredentialFiles {
  return {
    authority: cluster.caFile,
    certificate: user?.certFile,
    key: user?.keyFile,
    token: user === undefined ? undefined : stringAt({ ...user }, 'tokenFile'),
  }
}

/** Certificate, key and headers of the user, worked out by client-node. The cluster has no part in it: any will do. */
async function userOptions({ user, origin }: KubeconfigEntries): Promise<RequestOptions> {
  const options: RequestOptions = {}
  if (user === undefined) return options
  const config = new KubeConfig()
  config.loadFromClusterAndUser({ name: 'any', server: 'https://any.invalid', skipTLSVerify: true }, user)
  tellPlugin(user)
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    throw userFault(user, origin, error)
  }
  return options
}

/** client-node tells credential plugins nothing; client-go always sets this variable, and some plugins insist on it. */
function tellPlugin(user: User): void {
  const exec: unknown = user.exec
  if (!isJsonObject(exec)) return
  const apiVersion = stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1'
  process.env['KUBERNETES_EXEC_INFO'] = JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false },
  })
}

function userFault(user: User, origin: string, error: unknown): KubeletError {
  const reason = error instanceof Error ? error.message.trim() : String(error)
  const owner = `user "${user.name}" in the ${origin}`
  if (isSystemError(error) && error.syscall === 'open') {
    return new KubeletError('configuration', `Cannot read a file named by ${owner}: ${reason}; check the path`)
  }
  const exec: unknown = user.exec
  if (isJsonObject(exec)) {
    const plugin = `Cannot run the credential plugin "${stringAt(exec, 'command') ?? ''}" of ${owner}: ${reason}`
    if (!isSystemError(error)) return new KubeletError('unauthorized', plugin)
    return new KubeletError(
      'configuration',
      `${plugin}; ${stringAt(exec, 'installHint') ?? 'install it or correct the file'}`,
    )
  }
  if (user.authProvider === undefined || user.authProvider === null) {
    return new KubeletError('configuration', `Cannot use ${owner}: ${reason}`)
  }
  return new KubeletError('unauthorized', `Cannot get credentials for ${owner} from its identity provider: ${reason}`)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function certificateAuthority({ cluster, origin }: KubeconfigEntries): string | undefined {
  try {
    return pem(bufferFromFileOrString(cluster.caFile, cluster.caData) ?? undefined)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeletError(
      'configuration',
      `Cannot read certificate-authority of cluster "${cluster.name}" in the ${origin}: ${reason}; check the path`,
    )
  }
}

function pem(value: RequestOptions['cert'] | RequestOptions['key']): string | undefined {
  if (typeof value === 'string') return value
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined
}

function requestHeaders(options: RequestOptions): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token that was read from a file may end in a newline, which no header may.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim()
  }
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
  return headers
}

function expiry(certificate: string | undefined, authorization: string | undefined): number | undefined {
  const ends = [certificateEnd(certificate), tokenEnd(authorization)].filter((end) => end !== undefined)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function certificateEnd(certificate: string | undefined): number | undefined {
  if (certificate === undefined) return undefined
  try {
    return new X509Certificate(certificate).validToDate.getTime()
  } catch {
    // Not a certificate: the TLS connection will say so, with the server's name.
    return undefined
  }
}

/** The `exp` of a JWT; other tokens don't say when they end, the server's 401 does. */
function tokenEnd(authorization: string | undefined): number | undefined {
  const [, payload] = authorization?.split('.') ?? []
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const end = isJsonObject(claims) ? claims['exp'] : undefined
    return typeof end === 'number' ? end * 1000 : undefined
  } catch {
    return undefined
  }
}

async function answer(kubeconfig: string | undefined, flag: string | undefined): Promise<CredentialAnswer> {
  try {
    return { kind: 'resolved', credentials: await resolveCredentials(kubeconfig, flag) }
  } catch (error) {
    const { code, message } = KubeletError.from(error)
    return { kind: 'fault', code: code === 'unauthorized' ? code : 'configuration', message }
  }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await answer(process.argv[2], process.argv[3])))
