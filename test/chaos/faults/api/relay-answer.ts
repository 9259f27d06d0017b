import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { readLines } from '../../../../src/cluster/http/response-body.ts'
import type { ApiTreatment } from './api-treatment.ts'

const dripMs = 50

/**
 * Hands the server's answer to the agent as the treatment has it. `mended` fires when
 * everything is to be as usual again.
 */
export async function relayAnswer(
  answer: IncomingMessage,
  to: ServerResponse,
  treatment: ApiTreatment,
  mended: AbortSignal,
): Promise<void> {
  if (treatment.kind === 'cut' && treatment.afterBytes === 0) {
    to.destroy()
    return
  }
  const { 'content-length': length, ...headers } = answer.headers
  const isAsLong = length !== undefined && treatment.kind !== 'lines'
  to.writeHead(answer.statusCode ?? 502, isAsLong ? answer.headers : headers)
  // The head of a watch is to come before its first event.
  to.flushHeaders()
  for await (const part of parts(answer, treatment, mended)) {
    if (part === undefined) {
      to.destroy()
      return
    }
    to.write(part)
  }
  to.end()
}

/** The body of the answer as it is to arrive; `undefined`: the connection breaks here. */
async function* parts(
  answer: IncomingMessage,
  treatment: ApiTreatment,
  mended: AbortSignal,
): AsyncGenerator<Buffer | string | undefined> {
  switch (treatment.kind) {
    case 'cut':
      yield* cutParts(answer, treatment.afterBytes)
      return
    case 'lines':
      for (const line of treatment.first ?? []) yield `${line}\n`
      for await (const line of readLines(answer)) for (const out of treatment.map(line)) yield `${out}\n`
      return
    case 'slow':
      yield* slowParts(answer, treatment.drip, mended)
      return
    case 'pass':
    case 'hang':
    case 'answer':
    case 'end':
      yield* answer
      return
    default:
      treatment satisfies never
  }
}

async function* cutParts(answer: AsyncIterable<Buffer>, afterBytes: number): AsyncGenerator<Buffer | undefined> {
  let left = afterBytes
  for await (const chunk of answer) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) break
  }
  yield undefined
}

async function* slowParts(
  answer: AsyncIterable<Buffer>,
  drip: number | undefined,
  mended: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const chunk of answer) {
    let rest = chunk
    while (drip !== undefined && rest.length > 0 && !mended.aborted) {
      yield rest.subarray(0, drip)
      rest = rest.subarray(drip)
      await pause(dripMs, mended)
    }
    yield rest
  }
}

/** Waits; resolves when `signal` fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => 'mended')
}
