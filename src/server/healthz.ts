import { openHttpPort, plainText, type HttpPort } from './http-port.ts'

/** Opens the port of `/healthz`, which says `ok` for as long as the process can answer at all. See openHttpPort for errors. */
export function openHealthz(address: string, port: number): Promise<HttpPort> {
  return openHttpPort({
    address,
    port,
    flag: 'healthz-port',
    routes: new Map([['/healthz', () => plainText(200, 'ok')]]),
  })
}
