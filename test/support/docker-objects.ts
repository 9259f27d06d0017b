import { labels } from '../../src/model/labels.ts'
import { docker } from './command.ts'

/** What `docker inspect` says of a container, as far as tests look at it. */
export interface DockerContainer {
  readonly Id: string
  /** With a leading slash. */
  readonly Name: string
  readonly Created: string
  readonly State: {
    readonly Status: string
    readonly Running: boolean
    readonly Pid: number
    readonly ExitCode: number
  }
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Hostname: string }
  readonly HostConfig: {
    readonly NetworkMode: string
    readonly IpcMode: string
    readonly CgroupParent: string
    readonly CpuShares: number
    readonly CpuPeriod: number
    readonly CpuQuota: number
    readonly Memory: number
    readonly MemorySwap: number
    readonly OomScoreAdj: number
  }
}

/** All that Docker has with these labels (`key=value`, or `key` alone), running or not, the oldest first. */
export async function dockerContainers(...wanted: readonly string[]): Promise<readonly DockerContainer[]> {
  const filters = wanted.flatMap((label) => ['--filter', `label=${label}`])
  const ids = (await docker('ps', '--all', '--quiet', '--no-trunc', ...filters)).split('\n').filter(Boolean)
  if (ids.length === 0) return []
  // One that goes in between is not worth a failure: what is left is printed all the same.
  const text = await docker('inspect', ...ids).catch((error: unknown) => stdoutOf(error))
  const found: DockerContainer[] = JSON.parse(text)
  return found.toSorted((a, b) => Date.parse(a.Created) - Date.parse(b.Created))
}

/** Everything that the agent of a node made. */
export function dockerContainersOf(node: string): Promise<readonly DockerContainer[]> {
  return dockerContainers(`${labels.node}=${node}`)
}

/** The label of a container, empty where it has none. */
export function labelOf({ Config }: DockerContainer, label: string): string {
  return Config.Labels[label] ?? ''
}

/** Removes what an agent left behind in the Docker at `host`, or the usual one. */
export async function removeDockerContainersOf(node: string, host?: string): Promise<void> {
  const at = host === undefined ? [] : ['--host', host]
  const left = await docker(...at, 'ps', '--all', '--quiet', '--filter', `label=${labels.node}=${node}`)
  if (left === '') return
  // The agent may just have removed one of them, or be about to: that is no failure.
  await docker(...at, 'rm', '--force', '--volumes', ...left.split('\n')).catch((error: unknown) => {
    if (!isGoingAnyway(error)) throw error
  })
}

/** True when all that Docker objects to is that somebody else removes them, too. */
function isGoingAnyway(error: unknown): boolean {
  if (!(error instanceof Error && 'stderr' in error && typeof error.stderr === 'string')) return false
  const lines = error.stderr.split('\n').filter(Boolean)
  return lines.every((line) => /is already in progress|no such container/iu.test(line))
}

function stdoutOf(error: unknown): string {
  if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return error.stdout
  throw error
}
