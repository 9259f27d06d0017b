import { isJsonObject, stringAt } from '../../src/cluster/json-object.ts'
import { endsAtOnce, image } from './bench-pod.ts'
import type { RawDocker } from './raw-docker.ts'

/** What a Pod is to Docker: the ids of two containers. */
export interface RawPod {
  readonly pause: string
  readonly container: string
}

/** Carried by what this file makes, so that leftovers of a run that was killed can be found. */
export const rawLabel = 'minikubelet-bench.raw'

/**
 * The same containers as a Pod's, made by Docker alone, one call after the other: nothing that starts a Pod in this
 * order can be faster.
 */
export class RawPods {
  readonly #docker: RawDocker
  readonly #pauseImage: string

  constructor(docker: RawDocker, pauseImage: string) {
    this.#docker = docker
    this.#pauseImage = pauseImage
  }

  async start(): Promise<RawPod> {
    const pause = await this.#run({
      Image: this.#pauseImage,
      HostConfig: { IpcMode: 'shareable', CpuShares: 2, OomScoreAdj: -998, SecurityOpt: ['no-new-privileges'] },
    })
    const joined = `container:${pause}`
    const container = await this.#run({
      Image: image,
      Entrypoint: endsAtOnce,
      HostConfig: { NetworkMode: joined, IpcMode: joined, SecurityOpt: ['seccomp=unconfined'] },
    })
    return { pause, container }
  }

  /** As gentle as a Pod's end: the container is asked to stop and has a second, the pause has nothing to lose. */
  async end({ pause, container }: RawPod): Promise<void> {
    await this.#docker.ask('POST', `/containers/${container}/stop?t=1`)
    await this.#docker.ask('DELETE', `/containers/${container}?v=1`)
    await this.#docker.ask('DELETE', `/containers/${pause}?force=1&v=1`)
  }

  async #run(body: Readonly<Record<string, unknown>>): Promise<string> {
    const answer = await this.#docker.ask('POST', '/containers/create', { ...body, Labels: { [rawLabel]: '' } })
    const id = isJsonObject(answer) ? stringAt(answer, 'Id') : undefined
    if (id === undefined) throw new Error('Docker made a container without an id')
    await this.#docker.ask('POST', `/containers/${id}/start`)
    return id
  }
}

/** Removes every container that carries a label, `key` or `key=value`. */
export async function removeLabelled(docker: RawDocker, label: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
  const listed = await docker.ask('GET', `/containers/json?all=1&filters=${filters}`)
  const ids = (Array.isArray(listed) ? listed : []).flatMap((entry: unknown) =>
    isJsonObject(entry) ? (stringAt(entry, 'Id') ?? []) : [],
  )
  for (const id of ids) await docker.ask('DELETE', `/containers/${id}?force=1&v=1`)
}
