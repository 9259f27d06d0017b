import { KubeletError } from '../../model/errors.ts'
import { codeOfStatus } from './docker-errors.ts'
import type { GatheringSocket } from './gathering-socket.ts'

/** No head of Docker's is near it, nor is the text of an error. */
const longestHead = 64 * 1024

/**
 * A GET in HTTP/1.0, whose body comes as it is, up to the end of the connection. In 1.1 Docker sends each line of a log as a
 * chunk of its own, and to take these apart costs Node more than all else that is done for a log.
 *
 * Resolves with the body when the head has come. Throws what Docker answers, with its status.
 */
export async function plainGet(socket: GatheringSocket, path: string): Promise<AsyncIterable<Buffer>> {
  socket.write(`GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`)
  const { status, rest } = await readHead(socket)
  if (status === 200) return body(socket, rest)
  const text = await readText(socket, rest)
  socket.destroy()
  throw new KubeletError(codeOfStatus(status), messageIn(text) || `Docker answered with HTTP status ${status}`, {
    status,
  })
}

async function readHead(socket: GatheringSocket): Promise<{ readonly status: number; readonly rest: Buffer }> {
  let read = Buffer.alloc(0)
  for (;;) {
    const end = read.indexOf('\r\n\r\n')
    if (end >= 0) {
      const status = /^HTTP\/1\.\d (\d{3})/u.exec(read.toString('latin1', 0, end))?.[1]
      if (status === undefined) throw new KubeletError('internal', 'Docker has answered with what is no HTTP')
      return { status: Number(status), rest: read.subarray(end + '\r\n\r\n'.length) }
    }
    const chunk = read.length > longestHead ? undefined : await socket.read()
    if (chunk === undefined) throw new KubeletError('unavailable', 'Docker has closed the connection without an answer')
    read = Buffer.concat([read, chunk])
  }
}

async function* body(socket: GatheringSocket, first: Buffer): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (first.length > 0) yield first
    for (let chunk = await socket.read(); chunk !== undefined; chunk = await socket.read()) {
      yield chunk
      await socket.gather(chunk)
    }
  } finally {
    socket.destroy()
  }
}

async function readText(socket: GatheringSocket, first: Buffer): Promise<string> {
  let read = first
  while (read.length <= longestHead) {
    const chunk = await socket.read()
    if (chunk === undefined) break
    read = Buffer.concat([read, chunk])
  }
  return read.toString()
}

/** Docker's `{"message":"…"}`. */
function messageIn(text: string): string {
  try {
    const { message }: { readonly message?: unknown } = JSON.parse(text)
    return typeof message === 'string' ? message : ''
  } catch {
    return text.trim()
  }
}
