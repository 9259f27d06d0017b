import { http } from '../util/builtin-http.ts'
import { Calls, type CallsOptions } from './calls.ts'
import { closeServer, cutter, listen, serverLimits, type ListenOptions, type OpenPort } from './listen.ts'

/** Whoever reaches the port may ask for all that it has. */
export interface HttpPortOptions extends ListenOptions, Omit<CallsOptions, 'guard'> {}

/** Opens a plain HTTP port without authentication. See `listen` for errors. */
export async function openHttpPort(options: HttpPortOptions): Promise<OpenPort> {
  const closing = new AbortController()
  const server = http.createServer(serverLimits)
  const cut = cutter(server)
  const calls = new Calls({ ...options, guard: async () => ({ kind: 'allowed' }) }, closing.signal)
  server.on('request', (request, response) => void calls.serve(request, response))
  server.on('upgrade', (request, socket, head) => void calls.upgrade(request, socket, head))
  const place = await listen(server, options)
  return {
    ...place,
    [Symbol.asyncDispose]: () => {
      closing.abort()
      return closeServer(server, cut)
    },
  }
}
