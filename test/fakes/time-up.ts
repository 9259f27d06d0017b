import type { ContainerId } from '../../src/model/ids.ts'
import type { FakeDocker } from './fake-docker.ts'

/** Resolves with true when the time is up, with false when the container has ended before. */
export async function timeUpOrEnd(
  docker: FakeDocker,
  id: ContainerId,
  timeoutMs: number | undefined,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  using _ = docker.listen((event) => {
    if (event.kind === 'container' && event.action === 'die' && event.container.id === id) resolve(false)
  })
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve(true), timeoutMs)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
