import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { KubeConfig, type Cluster, type User } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { KubeletError } from '../../model/errors.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../json-object.ts'

/** What the current context of a kubeconfig names. */
export interface KubeconfigEntries {
  readonly cluster: Cluster
  /** Absent where the context names no user: requests are anonymous. */
  readonly user: User | undefined
  /** How messages name where this came from: `kubeconfig "/path" (--kubeconfig)`. */
  readonly origin: string
}

interface KubeconfigFile {
  readonly path: string
  readonly origin: string
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/**
 * Reads a kubeconfig, or without a path what kubectl would take: the files of `$KUBECONFIG`, `~/.kube/config`, the
 * service account of the Pod that we run in. Loads @kubernetes/client-node: not for the agent's own process. Throws
 * `configuration`, naming the flag, the path and what to do.
 */
export function loadKubeconfig(kubeconfig: string | undefined, flag = '--kubeconfig'): KubeconfigEntries {
  const files = kubeconfigFiles(kubeconfig, flag)
  const [first, ...more] = files
  if (first === undefined) return currentEntries(serviceAccount(), 'service account of this Pod')
  const config = loadFile(first)
  for (const file of more) merge(config, file)
  return currentEntries(config, files.map((file) => file.origin).join(', '))
}

function kubeconfigFiles(kubeconfig: string | undefined, flag: string): readonly KubeconfigFile[] {
  if (kubeconfig !== undefined) return [{ path: kubeconfig, origin: `kubeconfig "${kubeconfig}" (${flag})` }]
  const listed = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  if (listed.length > 0) return listed.map((path) => ({ path, origin: `kubeconfig "${path}" ($KUBECONFIG)` }))
  const path = join(homedir(), '.kube', 'config')
  return existsSync(path) ? [{ path, origin: `kubeconfig "${path}"` }] : []
}

function serviceAccount(): KubeConfig {
  if (process.env['KUBERNETES_SERVICE_HOST'] === undefined || !existsSync(serviceAccountToken)) {
    throw configurationError(
      'Cannot find a kubeconfig: give its path with --kubeconfig (neither $KUBECONFIG nor ~/.kube/config is there, ' +
        'and this is not a Pod with a service account)',
    )
  }
  const config = new KubeConfig()
  config.loadFromCluster()
  return config
}

function loadFile({ path, origin }: KubeconfigFile): KubeConfig {
  const text = readText(path, origin)
  const raw = parseYaml(text, origin)
  const config = new KubeConfig()
  try {
    config.loadFromString(text)
  } catch (error) {
    throw configurationError(`Cannot use the ${origin}: ${messageOf(error)}; correct the file`, error)
  }
  const folder = dirname(path)
  config.makePathsAbsolute(folder)
  config.users = config.users.map((user) => completeUser(user, rawUser(raw, user.name), folder, origin))
  return config
}

function merge(config: KubeConfig, file: KubeconfigFile): void {
  const more = loadFile(file)
  try {
    config.mergeConfig(more, true)
  } catch (error) {
    throw configurationError(`Cannot merge the ${file.origin}: ${messageOf(error)}; correct the file`, error)
  }
}

function readText(path: string, origin: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw configurationError(
      `Cannot read the ${origin}: ${messageOf(error)}; check the path and its permissions`,
      error,
    )
  }
}

function parseYaml(text: string, origin: string): JsonObject {
  let raw: unknown
  try {
    raw = parse(text)
  } catch (error) {
    const [firstLine = ''] = messageOf(error).split('\n')
    throw configurationError(`Cannot parse the ${origin}, it is not YAML: ${firstLine.replace(/:$/, '')}`, error)
  }
  if (isJsonObject(raw)) return raw
  throw configurationError(`Cannot use the ${origin}: it holds no clusters and contexts; give the path of a kubeconfig`)
}

function rawUser(raw: JsonObject, name: string): JsonObject {
  const users = Array.isArray(raw['users']) ? raw['users'] : []
  const found: unknown = users.find((user: unknown) => isJsonObject(user) && user['name'] === name)
  return isJsonObject(found) ? objectAt(found, 'user') : {}
}

/** What client-node leaves out: `tokenFile` (it reads another name), and paths that are relative to the file. */
function completeUser(user: User, raw: JsonObject, folder: string, origin: string): User {
  const tokenFile = stringAt(raw, 'tokenFile')
  const command = stringAt(objectAt(raw, 'exec'), 'command')
  return {
    ...user,
    ...(tokenFile === undefined ? {} : tokenFrom(absolute(folder, tokenFile), user.name, origin)),
    // As in client-go: a bare name is looked up in $PATH, a path counts from the kubeconfig.
    ...(command?.includes('/') === true
      ? { exec: { ...objectAt(raw, 'exec'), command: absolute(folder, command) } }
      : {}),
  }
}

/** A token, and where it was. */
function tokenFrom(
  tokenFile: string,
  user: string,
  origin: string,
): { readonly token: string; readonly tokenFile: string } {
  try {
    return { token: readFileSync(tokenFile, 'utf8').trim(), tokenFile }
  } catch (error) {
    throw configurationError(`Cannot read tokenFile of user "${user}" in the ${origin}: ${messageOf(error)}`, error)
  }
}

function currentEntries(config: KubeConfig, origin: string): KubeconfigEntries {
  const context = config.getContextObject(requireContext(config, origin))
  const cluster = config.getClusters().find((candidate) => candidate.name === context?.cluster)
  if (cluster === undefined) {
    throw configurationError(missing(origin, 'cluster', context?.cluster, names(config.getClusters())))
  }
  if (!/^https?:\/\//.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw configurationError(
      `Cannot use the ${origin}: the server "${cluster.server}" of cluster "${cluster.name}" is not an https URL`,
    )
  }
  const user = config.getUsers().find((candidate) => candidate.name === context?.user)
  if (user === undefined && context?.user !== undefined) {
    throw configurationError(missing(origin, 'user', context.user, names(config.getUsers())))
  }
  return { cluster, user, origin }
}

function requireContext(config: KubeConfig, origin: string): string {
  const current = config.getCurrentContext()
  // Declared a string, but undefined where the file has none.
  if (!current) {
    throw configurationError(
      `Cannot use the ${origin}: it has no current-context; choose one with "kubectl config use-context"`,
    )
  }
  if (config.getContextObject(current) === null) {
    throw configurationError(missing(origin, 'context', current, names(config.getContexts())))
  }
  return current
}

function missing(origin: string, kind: string, name: string | undefined, known: string): string {
  return `Cannot use the ${origin}: it has no ${kind} "${name ?? ''}", only ${known}`
}

function names(entries: readonly { readonly name: string }[]): string {
  return entries.length === 0 ? 'none at all' : entries.map((entry) => `"${entry.name}"`).join(', ')
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function configurationError(message: string, cause?: unknown): KubeletError {
  return new KubeletError('configuration', message, { cause })
}
