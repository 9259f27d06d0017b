/** What `JSON.parse` gives for `{…}`: the start of every decoding. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `value[key]` if it is an object, an empty one otherwise: reading on needs no further question. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const member = value[key]
  return isJsonObject(member) ? member : {}
}

/** `value[key]` if it is a string that isn't empty. */
export function stringAt(value: JsonObject, key: string): string | undefined {
  const member = value[key]
  return typeof member === 'string' && member !== '' ? member : undefined
}
