import { readFile, stat } from 'node:fs/promises'
import type { EventRecorder } from '../cluster/event-recorder.ts'
import type { KubeletConfig } from '../config/config.ts'
import { KubeletError } from '../model/errors.ts'
import { parseResolvConf, searchesFault, type ResolvConf } from '../translate/resolv-conf.ts'
import type { Logger } from '../util/log.ts'

/** The host's resolver configuration, read anew for a Pod only when its file is another one than for the Pod before. */
export class HostDns {
  readonly #path: string
  #known: { readonly version: string; readonly conf: ResolvConf } | undefined

  /** `path` is that of `--resolv-conf`. */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * As it is now; `undefined` where there is to be none. Throws `configuration` for a file that can't be read, and
   * `invalid` for one that makes no sense.
   */
  async read(): Promise<ResolvConf | undefined> {
    if (this.#path === '') return undefined
    const version = await versionOf(this.#path)
    if (version !== undefined && this.#known?.version === version) return this.#known.conf
    const conf = parseResolvConf(await readText(this.#path))
    this.#known = version === undefined ? undefined : { version, conf }
    return conf
  }
}

/** What changes with every change of a file; `undefined` for one that cannot be looked at. */
async function versionOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(),
    () => undefined,
  )
}

export interface HostDnsCheck {
  readonly config: Pick<KubeletConfig, 'resolvConf' | 'clusterDomain'>
  /** `undefined` without a cluster. */
  readonly recorder: Pick<EventRecorder, 'recordOfNode'> | undefined
  readonly log: Pick<Logger, 'warn'>
}

/** Tells, once, of what the host's resolver configuration cannot do for Pods (CheckLimitsForResolvConf). */
export async function checkHostDns({ config, recorder, log }: HostDnsCheck): Promise<void> {
  const fault = await hostDnsFault(config)
  if (fault === undefined) return
  log.warn("Pods will not have all of the host's resolver configuration", { fault })
  recorder?.recordOfNode({ type: 'Warning', reason: 'CheckLimitsForResolvConf', message: fault })
}

async function hostDnsFault({ resolvConf, clusterDomain }: HostDnsCheck['config']): Promise<string | undefined> {
  try {
    const conf = await new HostDns(resolvConf).read()
    return conf === undefined ? undefined : searchesFault(conf, resolvConf, clusterDomain)
  } catch (error) {
    return KubeletError.from(error).message
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const message = goTexts[code]?.(path) ?? `open ${path}: ${String(error)}`
    throw new KubeletError('configuration', message, { cause: error })
  }
}

/** As Go puts it, and so the kubelet in its events. */
const goTexts: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `open ${path}: no such file or directory`,
  ENOTDIR: (path) => `open ${path}: not a directory`,
  EACCES: (path) => `open ${path}: permission denied`,
  EISDIR: (path) => `read ${path}: is a directory`,
}
