/** What users and registries do, in the life of a node. */
import { KubeletError } from '../../src/model/errors.ts'
import type { Pod } from '../../src/model/kube.ts'
import { allContainerStatuses } from '../../src/model/pod.ts'
import type { FakeApiServer } from '../fakes/fake-api-server.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import { fakeImage } from '../fakes/fake-image.ts'
import type { NodeInMemory } from '../support/node-in-memory.ts'
import type { Behaviours } from './behaviours.ts'
import { identity, type DockerLedger } from './docker-ledger.ts'
import type { Happening } from './happening.ts'
import { images, type Doing } from './pod-plan.ts'

/** A user gives the nth of all containers another image. */
export function changeImage(server: FakeApiServer, { nth, image }: Extract<Happening, { kind: 'change image' }>): void {
  const all = server.pods.flatMap((pod) => pod.spec.containers.map((container) => ({ pod, container })))
  pick(all, nth, ({ pod, container }) => {
    const containers = pod.spec.containers.map((each) => (each === container ? { ...each, image } : each))
    server.updatePod(pod.metadata.namespace, pod.metadata.name, { spec: { containers } })
  })
}

/** Somebody else writes a phase over the one of the nth Pod, unless that is over. */
export function writeOver(
  server: FakeApiServer,
  { nth, phase }: Extract<Happening, { kind: 'write over' }>,
  byOthers: (write: () => void) => void,
): void {
  pick(server.pods, nth, ({ metadata, status }) => {
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return
    byOthers(() => server.updatePod(metadata.namespace, metadata.name, { status: { phase } }))
  })
}

/** A user lets the first container of a Pod that asks for CPU ask for so much. */
export function resize(server: FakeApiServer, { nth, cpu }: Extract<Happening, { kind: 'resize' }>): void {
  const asking = server.pods.filter(({ spec }) => spec.containers[0]?.resources?.requests !== undefined)
  pick(asking, nth, ({ metadata: { namespace, name, generation = 0 }, spec }) => {
    const containers = spec.containers.map((each, index) =>
      index === 0 ? { ...each, resources: { requests: { cpu } } } : each,
    )
    server.updatePod(namespace, name, { metadata: { generation: generation + 1 }, spec: { containers } })
  })
}

/** A user makes or changes a ConfigMap, or deletes it. */
export function changeMap(
  { objects, version }: FakeApiServer,
  { kind, map: name }: Extract<Happening, { kind: 'put map' | 'delete map' }>,
): void {
  const ref = { kind: 'ConfigMap', namespace: 'default', name } as const
  if (kind === 'delete map') objects.delete(ref)
  else objects.put({ ...ref, data: { version } })
}

/** A user adds an ephemeral container that does what is said. */
export function debug(server: FakeApiServer, behaviours: Behaviours, { metadata, spec }: Pod, does: Doing): void {
  const { ephemeralContainers = [] } = spec
  const name = `e${ephemeralContainers.length + 1}`
  behaviours.addContainer(metadata.uid, name, does)
  const added = { name, image: images[0], imagePullPolicy: 'IfNotPresent' }
  server.updatePod(metadata.namespace, metadata.name, {
    spec: { ephemeralContainers: [...ephemeralContainers, added] },
  })
}

/** Docker's record of a container is removed, by whoever did not ask the agent. */
export function removeRecord({ docker, server }: NodeInMemory, ledger: DockerLedger, container: FakeContainer): void {
  const { uid, name } = identity(container)
  const pod = server.pods.find(({ metadata }) => metadata.uid === uid)
  const status = allContainerStatuses(pod?.status).find((candidate) => candidate.name === name)
  ledger.of(uid).lost(name, container.id, status)
  docker.remove(container.id)
}

/** What a registry may have in the place of an image. */
export const published = {
  image: (image: string) => fakeImage([image]),
  error: () => new KubeletError('internal', 'unexpected EOF', { status: 500 }),
  away: () => new KubeletError('unavailable', 'connection refused', { status: 500 }),
} as const

/** The nth of what is there, counted round and round. */
export function pick<T>(items: readonly T[], nth: number, happen: (item: T) => void): void {
  const item = items[nth % Math.max(1, items.length)]
  if (item !== undefined) happen(item)
}
