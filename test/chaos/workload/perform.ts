import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosBed } from '../fault.ts'
import { deployment } from './static-pods.ts'
import type { PodManifest } from '../../support/test-pod.ts'
import type { Step, TimedStep } from './steps.ts'

/** Does each step at its time; one that takes long holds up none of the others. */
export async function performAll(bed: ChaosBed, steps: readonly TimedStep[], signal: AbortSignal): Promise<void> {
  let last: Promise<void> = Promise.resolve()
  const startedAtMs = performance.now()
  for (const { atMs, step } of steps) {
    await delay(Math.max(0, atMs - (performance.now() - startedAtMs)), undefined, { signal })
    // One after the other: a Pod is not changed before it was created.
    last = last.then(() => perform(bed, step, signal))
    last.catch(() => 'awaited below')
  }
  await last
}

/** Does one step, and waits for an API server that is away. */
export async function perform({ cluster, folders }: ChaosBed, step: Step, signal: AbortSignal): Promise<void> {
  const pods = `${cluster.namespace}/pods`
  switch (step.kind) {
    case 'create-pod': {
      const { spec, ...pod } = step.pod
      return await cluster.create(pods, { ...pod, spec: { nodeName: cluster.name, ...spec } }, signal)
    }
    case 'delete-pod':
      return await cluster.remove(`${pods}/${step.name}`, signal, step.graceSeconds)
    case 'set-image':
      return await cluster.change(
        `${pods}/${step.name}`,
        { spec: { containers: [{ name: 'main', image: step.image }] } },
        signal,
      )
    case 'annotate':
      return await cluster.change(
        `${pods}/${step.name}`,
        { metadata: { annotations: { 'chaos/note': step.value } } },
        signal,
      )
    case 'write-manifest': {
      const { metadata, ...rest } = step.pod
      return await writeManifest(folders.manifests, { ...rest, metadata: { ...metadata, namespace: cluster.name } })
    }
    case 'remove-manifest':
      return await rm(join(folders.manifests, `${step.name}.json`), { force: true })
    case 'put-deployment': {
      const path = `/apis/apps/v1/namespaces/${cluster.name}/deployments`
      return await cluster.put(path, step.name, deployment(step.name, cluster.name, step), signal)
    }
    case 'delete-deployment': {
      const path = `/apis/apps/v1/namespaces/${cluster.name}/deployments/${step.name}`
      return await cluster.remove(path, signal)
    }
    case 'put-data': {
      const metadata = { name: step.name }
      await cluster.put(`${cluster.namespace}/configmaps`, step.name, { metadata, data: { key: step.value } }, signal)
      return await cluster.put(
        `${cluster.namespace}/secrets`,
        step.name,
        { metadata, stringData: { key: step.value } },
        signal,
      )
    }
    case 'delete-data':
      await cluster.remove(`${cluster.namespace}/configmaps/${step.name}`, signal)
      return await cluster.remove(`${cluster.namespace}/secrets/${step.name}`, signal)
    default:
      return step satisfies never
  }
}

/** Beside the folder first, so that it comes whole. */
async function writeManifest(folder: string, manifest: Pick<PodManifest, 'metadata'>): Promise<void> {
  const beside = `${folder}.unfinished`
  await mkdir(beside, { recursive: true })
  const file = `${manifest.metadata.name}.json`
  await writeFile(join(beside, file), JSON.stringify(manifest))
  await rename(join(beside, file), join(folder, file))
}
