import type { IncomingMessage } from 'node:http'
import { KubeletError } from '../../model/errors.ts'

/** The whole body as text, decoded once, so that no character is cut in two. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The lines of a body that goes on, without their ends; empty ones are left out. */
export async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  // With an encoding set, Node decodes across chunks.
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
  // A server that ends in the middle of an object has not said it: half a line is dropped.
}

/** Throws `internal` for what isn't JSON; `what` is what was tried, in the infinitive. */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const start = text.slice(0, 80)
    throw new KubeletError('internal', `Cannot ${what}: the answer is not JSON but begins with "${start}"`, {
      cause: error,
    })
  }
}
