import { plainAnswer } from './answers.ts'
import { openHttpPort } from './http-port.ts'
import type { OpenPort } from './listen.ts'

/** Opens the port of `/healthz`, which says `ok` for as long as the process can answer at all. See `listen` for errors. */
export function openHealthz(address: string, port: number): Promise<OpenPort> {
  return openHttpPort({
    address,
    port,
    flag: 'healthz-port',
    routes: new Map([['/healthz', () => plainAnswer(200, 'ok')]]),
  })
}
