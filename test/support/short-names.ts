import type { FakeContainer } from '../fakes/fake-container.ts'
import type { FakeDocker } from '../fakes/fake-docker.ts'
import type { EngineCall } from '../fakes/fake-engine.ts'

/** What a test calls a container. */
export function shortName(container: FakeContainer): string {
  return shorten(container.request.name)
}

/** `k8s_main_web_default_<uid>_0` is `main 0`; anything else is as it is. */
function shorten(name: string): string {
  const [prefix, container, , , , attempt] = name.split('_')
  if (prefix !== 'k8s' || container === undefined || attempt === undefined) return name
  return `${container === 'POD' ? 'sandbox' : container} ${attempt}`
}

/** `running`, `created` or `exited`. */
export function stateOf(container: FakeContainer): string {
  if (container.running) return 'running'
  return container.toSummary()['State'] === 'created' ? 'created' : 'exited'
}

/** A call with the short name of what it is about: `stop main 0 30`. */
export function describeCall({ method, subject }: EngineCall, docker: FakeDocker): string {
  const [id = '', ...rest] = subject.split(' ')
  const name = docker.find(id)?.request.name ?? id
  return [method, shorten(name), ...rest].filter((part) => part !== '').join(' ')
}
