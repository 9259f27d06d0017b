import type { Logger } from '../util/log.ts'
import type { EngineInfo } from './engine.ts'

/** The OCI runtime that joins a sandbox's UTS namespace, under the name that deploy/README.md registers it by. */
const utsRuntimeName = 'minikubelet'

/** That runtime's name where the daemon has it; where not, what follows from that is told. */
export function utsRuntime({ runtimes }: EngineInfo, log: Logger): string | undefined {
  if (runtimes.includes(utsRuntimeName)) return utsRuntimeName
  log.warn(
    `Docker has no OCI runtime "${utsRuntimeName}": the containers of a Pod get a copy of its hostname instead of sharing its UTS namespace; deploy/README.md says how to register it`,
  )
  return undefined
}
