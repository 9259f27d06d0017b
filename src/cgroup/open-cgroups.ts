import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { hostname, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CgroupConfig } from '../config/config.ts'
import type { EngineInfo } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import { cgroupLayout } from '../translate/resources/cgroup-names.ts'
import { CgroupFolders } from './cgroup-folders.ts'
import { hierarchiesOf, unifiedFolder, type Hierarchies } from './hierarchies.ts'
import { isDockersMachine, whyNotDockersCgroups, type LocalFacts } from './is-dockers-host.ts'
import { KernelCgroups } from './kernel-cgroups.ts'
import { SystemdSlices } from './systemd-slices.ts'

export interface OpenCgroupsOptions {
  readonly config: CgroupConfig
  readonly cpuPeriodUs: number | undefined
  readonly docker: EngineInfo
  /** Where Docker answers. */
  readonly dockerHost: string
  /** The sizes of huge pages that the kernel has, as quantities name them. */
  readonly pageSizes: readonly string[]
}

/** The cgroups of Pods, or why this agent makes none: the end of a sentence; empty where none are wanted. */
export type OpenedCgroups =
  | { readonly kind: 'open'; readonly cgroups: KernelCgroups }
  | { readonly kind: 'none'; readonly why: string }

/** Looks for the kernel's cgroups and makes those that all Pods have in common. Never throws. */
export async function openCgroups({
  config,
  cpuPeriodUs,
  docker,
  dockerHost,
  pageSizes,
}: OpenCgroupsOptions): Promise<OpenedCgroups> {
  if (!config.perQos) return { kind: 'none', why: '' }
  const why = await whyElsewhere(docker, dockerHost)
  if (why !== undefined) return { kind: 'none', why }
  const { cgroupVersion: version } = docker
  const hierarchies = await findHierarchies(version)
  if (hierarchies === undefined) return { kind: 'none', why: `no cgroups of version ${version} are mounted here` }
  const isSystemd = docker.cgroupDriver === 'systemd'
  const cgroups = new KernelCgroups({
    layout: cgroupLayout(isSystemd ? 'systemd' : 'cgroupfs', config.root),
    facts: { cpuPeriodUs, podPidsLimit: config.podPidsLimit, pageSizes },
    folders: new CgroupFolders(hierarchies),
    slices: isSystemd ? new SystemdSlices(busctl, version) : undefined,
    killsSingly: config.singleProcessOomKill,
  })
  try {
    await cgroups.makeTiers()
    return { kind: 'open', cgroups }
  } catch (error) {
    return { kind: 'none', why: KubeletError.from(error).message }
  }
}

/** Why the cgroups of this host are not those of Docker's containers, see `whyNotDockersCgroups`. */
export async function whyElsewhere(docker: EngineInfo, dockerHost: string): Promise<string | undefined> {
  const cgroupNamespace = await readlink('/proc/self/ns/cgroup').catch(() => '')
  return whyNotDockersCgroups(docker, dockerHost, { ...machine(), cgroupNamespace })
}

/** Whether Docker's disks may be this machine's. */
export function isDockerHere(docker: EngineInfo, dockerHost: string): boolean {
  return isDockersMachine(docker, dockerHost, machine())
}

function machine(): Pick<LocalFacts, 'kernelVersion' | 'memoryBytes' | 'hostname'> {
  return { kernelVersion: release(), memoryBytes: totalmem(), hostname: hostname() }
}

async function findHierarchies(version: EngineInfo['cgroupVersion']): Promise<Hierarchies | undefined> {
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const unified = unifiedFolder(mountInfo)
  const controllers =
    unified === undefined ? '' : await readFile(join(unified, 'cgroup.controllers'), 'utf8').catch(() => '')
  return hierarchiesOf(mountInfo, version, controllers.trim().split(' '))
}

async function busctl(args: readonly string[]): Promise<void> {
  await promisify(execFile)('busctl', args, { timeout: busctlTimeoutMs })
}

/** systemd answers within milliseconds, or something is wrong with it. */
const busctlTimeoutMs = 10_000
