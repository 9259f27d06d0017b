import type { Engine } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'
import type { RuntimeOperations } from './runtime-operations.ts'

/**
 * The engine port's methods in the words of the kubelet's calls to a runtime
 * (pkg/kubelet/kuberuntime/instrumented_services.go). Sandboxes are containers to Docker, and are counted as those.
 * What is not here is not counted: streams that go on.
 */
const operations: Readonly<Record<string, string>> = {
  info: 'status',
  ping: 'version',
  list: 'list_containers',
  inspect: 'container_status',
  create: 'create_container',
  start: 'start_container',
  stop: 'stop_container',
  update: 'update_container',
  remove: 'remove_container',
  memoryUsage: 'container_stats',
  containerUsage: 'container_stats',
  inspectImage: 'image_status',
  listImages: 'list_images',
  usedImages: 'list_containers',
  removeImage: 'remove_image',
  pullImage: 'pull_image',
  exec: 'exec_sync',
  openExec: 'exec',
  attach: 'attach',
  dial: 'port_forward',
}

/**
 * The same engine, each of whose calls is counted and timed. A call that the agent itself has
 * ended is no error of Docker's.
 */
export function measuredEngine<T extends Engine>(engine: T, measures: RuntimeOperations): T {
  const methods = new Map<PropertyKey, unknown>()
  return new Proxy(engine, {
    get(target, name) {
      const known = methods.get(name)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const operation = typeof name === 'string' ? operations[name] : undefined
      const call = (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args)
      const method = operation === undefined ? call : timed(operation, call, measures)
      methods.set(name, method)
      return method
    },
  })
}

type Call = (...args: readonly unknown[]) => unknown

function timed(operation: string, call: Call, measures: RuntimeOperations): Call {
  return (...args) => {
    const startedAtMs = performance.now()
    const end = (failed: boolean): void => measures.observe(operation, performance.now() - startedAtMs, failed)
    const result = call(...args)
    // Beside what the caller waits for, not before it: nobody waits a turn longer for being counted.
    if (result instanceof Promise) {
      result.then(
        () => end(false),
        (error: unknown) => end(!KubeletError.is(error, 'aborted')),
      )
    } else end(false)
    return result
  }
}
