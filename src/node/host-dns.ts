import { readFile } from 'node:fs/promises'
import type { EventRecorder } from '../cluster/event-recorder.ts'
import type { KubeletConfig } from '../config/config.ts'
import { KubeletError } from '../model/errors.ts'
import { parseResolvConf, searchesFault, type ResolvConf } from '../translate/resolv-conf.ts'
import type { Logger } from '../util/log.ts'

/**
 * The host's resolver configuration, from `--resolv-conf`; `undefined` where that is empty. Throws `configuration` for a
 * file that can't be read, and `invalid` for one that makes no sense.
 */
export async function readHostDns(path: string): Promise<ResolvConf | undefined> {
  return path === '' ? undefined : parseResolvConf(await readText(path))
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
    const conf = await readHostDns(resolvConf)
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
