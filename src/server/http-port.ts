import type { IncomingMessage, Server } from 'node:http'
import { http } from '../util/builtin-http.ts'
import { plainAnswer, sendAnswer, type Answer } from './answers.ts'
import { listen, type ListenOptions, type OpenPort } from './listen.ts'

export interface HttpPortOptions extends ListenOptions {
  /** Answers by path. Anything else, and any other method than GET and HEAD, is refused. */
  readonly routes: ReadonlyMap<string, () => Answer>
}

/** Opens a plain HTTP port without authentication. See `listen` for errors. */
export async function openHttpPort(options: HttpPortOptions): Promise<OpenPort> {
  const server = http.createServer((request, response) => sendAnswer(response, answerTo(options.routes, request)))
  const place = await listen(server, options)
  return { ...place, [Symbol.asyncDispose]: () => close(server) }
}

function answerTo(routes: HttpPortOptions['routes'], request: IncomingMessage): Answer {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const route = routes.get(path)
  if (route === undefined) return plainAnswer(404, '404 page not found\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainAnswer(405, 'Method Not Allowed\n')
  return route()
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
