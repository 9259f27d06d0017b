/** `PUT /debug/flags/v`: how much is logged, from now on (apiserver's StringFlagPutHandler, component-base's GlogSetter). */
import type { IncomingMessage } from 'node:http'
import { goQuote } from '../../util/go-quote.ts'
import { plainAnswer, type Answer } from '../answers.ts'

/** A number needs no more. */
const mostBytes = 1024

export async function setVerbosity(request: IncomingMessage, set: (verbosity: number) => void): Promise<Answer> {
  if (request.method !== 'PUT') return plainAnswer(406, 'unsupported http method\n')
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > mostBytes) return plainAnswer(400, 'error reading request body: it is too long\n')
  }
  const verbosity = /^\d{1,10}$/u.test(body) ? Number(body) : Number.NaN
  if (Number.isNaN(verbosity)) {
    const reason = `strconv.ParseInt: parsing ${goQuote(body)}: invalid syntax`
    return plainAnswer(400, `failed set klog.logging.verbosity ${body}: ${reason}\n`)
  }
  set(verbosity)
  return plainAnswer(200, `successfully set klog.logging.verbosity to ${body}\n`)
}
