import { isJsonObject, stringAt } from '../../../src/cluster/json-object.ts'
import { endsAtOnce, image } from './bench-pod.ts'
import type { RawDocker } from '../../support/raw-docker.ts'
import { timed } from './timed.ts'

/** What a Pod is to Docker: the ids of its containers. */
export interface RawPod {
  readonly pause: string
  readonly containers: readonly string[]
}

/** The calls that a Pod's start is to Docker. */
export type RawStep = 'create pause' | 'start pause' | 'create container' | 'start container'

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

  /** `onStep` hears how many milliseconds each call took. */
  async start(containers = 1, onStep: (step: RawStep, ms: number) => void = () => {}): Promise<RawPod> {
    const pause = await this.#run('pause', onStep, {
      Image: this.#pauseImage,
      HostConfig: { IpcMode: 'shareable', CpuShares: 2, OomScoreAdj: -998, SecurityOpt: ['no-new-privileges'] },
    })
    const joined = `container:${pause}`
    const HostConfig = { NetworkMode: joined, IpcMode: joined, SecurityOpt: ['seccomp=unconfined'] }
    const ids: string[] = []
    for (let count = 0; count < containers; count += 1) {
      ids.push(await this.#run('container', onStep, { Image: image, Entrypoint: endsAtOnce, HostConfig }))
    }
    return { pause, containers: ids }
  }

  /** As gentle as a Pod's end: each container is asked to stop and has a second, the pause has nothing to lose. */
  async end({ pause, containers }: RawPod): Promise<void> {
    for (const id of containers) {
      await this.#docker.ask('POST', `/containers/${id}/stop?t=1`)
      await this.#docker.ask('DELETE', `/containers/${id}?v=1`)
    }
    await this.#docker.ask('DELETE', `/containers/${pause}?force=1&v=1`)
  }

  async #run(
    what: 'pause' | 'container',
    onStep: (step: RawStep, ms: number) => void,
    body: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const [answer, createMs] = await timed(() =>
      this.#docker.ask('POST', '/containers/create', { ...body, Labels: { [rawLabel]: '' } }),
    )
    const id = isJsonObject(answer) ? stringAt(answer, 'Id') : undefined
    if (id === undefined) throw new Error('Docker made a container without an id')
    const [, startMs] = await timed(() => this.#docker.ask('POST', `/containers/${id}/start`))
    onStep(`create ${what}`, createMs)
    onStep(`start ${what}`, startMs)
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
