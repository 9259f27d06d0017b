import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { labels } from '../../src/model/labels.ts'
import { unmountAll } from '../support/mounts.ts'
import { removePodCgroups } from '../support/pod-cgroups.ts'
import type { ChaosBed } from './fault.ts'

/** After a violation: an empty node with a new agent, so that the next rounds are not judged for it. */
export async function resetBed(bed: ChaosBed, signal: AbortSignal): Promise<void> {
  const { agent, cluster, docker, folders } = bed
  await agent.kill9()
  await empty(folders.manifests)
  const deployments = `/apis/apps/v1/namespaces/${cluster.name}/deployments`
  await cluster.ask('DELETE', deployments, signal)
  await cluster.ask('DELETE', `${cluster.namespace}/pods?gracePeriodSeconds=0`, signal)
  const left = await docker.run('ps', '--all', '--quiet', '--filter', `label=${labels.node}=${cluster.name}`)
  if (left !== '') await docker.run('rm', '--force', '--volumes', ...left.split('\n'))
  await removePodCgroups(folders.root)
  const pods = join(folders.root, 'pods')
  unmountAll(pods)
  await Promise.all([pods, folders.podLogs, folders.containerLogs, folders.host].map(empty))
  agent.start()
}

async function empty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => [])
  await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true, force: true })))
}
