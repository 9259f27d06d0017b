import type { Payload } from '../../src/translate/volumes/payload.ts'

/** A payload as an object: text where it is text, so that it can be compared with what is written down. */
export function filesOf(payload: Payload): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...payload].map(([path, { data, ...rest }]) => {
      const text = Buffer.from(data).toString()
      const isText = Buffer.compare(Buffer.from(text), data) === 0
      return [path, { data: isText ? text : Buffer.from(data), ...rest }]
    }),
  )
}

/** A payload of text files, of mode 0644 where nothing else is said. */
export function payloadOf(files: Readonly<Record<string, string>>, mode = 0o644): Payload {
  return new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]))
}
