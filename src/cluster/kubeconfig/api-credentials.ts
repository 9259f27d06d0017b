import { KubeletError } from '../../model/errors.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../json-object.ts'

/** The files that a kubeconfig names, as absolute paths; `undefined` where it has the contents itself, or nothing. */
export interface CredentialFiles {
  readonly authority: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly token: string | undefined
}

/** Where the API server is and how to prove who we are: a kubeconfig, resolved. Certificates and keys are PEM. */
export interface ApiCredentials {
  /** Base URL, without a slash at its end; it may have a path. */
  readonly server: string
  readonly ca: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  /** Sent with every request: `authorization`, impersonation. */
  readonly headers: Readonly<Record<string, string>>
  /** The name that the server's certificate must have, where it isn't the host of `server`. */
  readonly tlsServerName: string | undefined
  readonly insecureSkipTlsVerify: boolean
  readonly proxyUrl: string | undefined
  /** When the first of token and certificate ends, epoch milliseconds. */
  readonly expiresAtMs: number | undefined
  /** Where parts of it were read. */
  readonly files: CredentialFiles
}

/** What the resolving process prints, as one JSON document. */
export type CredentialAnswer =
  | { readonly kind: 'resolved'; readonly credentials: ApiCredentials }
  | { readonly kind: 'fault'; readonly code: 'configuration' | 'unauthorized'; readonly message: string }

/** Decodes the answer of the resolving process. Throws its fault, or `internal` when it isn't an answer at all. */
export function decodeCredentialAnswer(text: string): ApiCredentials {
  const answer = parse(text)
  if (answer['kind'] === 'fault') {
    const code = answer['code'] === 'unauthorized' ? 'unauthorized' : 'configuration'
    throw new KubeletError(code, stringAt(answer, 'message') ?? 'Cannot resolve the API credentials')
  }
  const credentials = objectAt(answer, 'credentials')
  const server = stringAt(credentials, 'server')
  if (server === undefined) throw notAnAnswer(undefined)
  const expiresAtMs = credentials['expiresAtMs']
  const files = objectAt(credentials, 'files')
  return {
    server,
    ca: stringAt(credentials, 'ca'),
    certificate: stringAt(credentials, 'certificate'),
    key: stringAt(credentials, 'key'),
    headers: strings(objectAt(credentials, 'headers')),
    tlsServerName: stringAt(credentials, 'tlsServerName'),
    insecureSkipTlsVerify: credentials['insecureSkipTlsVerify'] === true,
    proxyUrl: stringAt(credentials, 'proxyUrl'),
    expiresAtMs: typeof expiresAtMs === 'number' ? expiresAtMs : undefined,
    files: {
      authority: stringAt(files, 'authority'),
      certificate: stringAt(files, 'certificate'),
      key: stringAt(files, 'key'),
      token: stringAt(files, 'token'),
    },
  }
}

function parse(text: string): JsonObject {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw notAnAnswer(error)
  }
  if (!isJsonObject(answer)) throw notAnAnswer(undefined)
  return answer
}

// The text may hold secrets: it is not quoted.
function notAnAnswer(cause: unknown): KubeletError {
  return new KubeletError('internal', 'The process that resolves the API credentials gave no readable answer', {
    cause,
  })
}

function strings(from: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(from).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
