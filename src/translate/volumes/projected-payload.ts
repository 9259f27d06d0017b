import { KubeletError } from '../../model/errors.ts'
import type { DataObject, DataObjectRef, Pod } from '../../model/kube.ts'
import { dataKey } from '../environment/data-refs.ts'
import { downwardPayload, type DownwardFacts } from './downward-payload.ts'
import { fileUser } from './file-user.ts'
import { objectPayload } from './object-payload.ts'
import type { Payload, VolumeFile } from './payload.ts'
import type { ProjectionSource } from './projection-source.ts'

type TokenSource = Extract<ProjectionSource, { kind: 'token' }>

/** What the files of a volume are made of. What could not be had is the error that says why. */
export interface PayloadFacts {
  /** By `dataKey`. */
  readonly objects: ReadonlyMap<string, DataObject | KubeletError>
  /** By `tokenKey`. */
  readonly tokens: ReadonlyMap<string, string | KubeletError>
  /** As files tell of it: with the annotations that the kubelet puts on it. */
  readonly pod: Pod
  readonly allocatable: DownwardFacts['allocatable']
}

/** Tells a Pod's tokens from each other. */
export function tokenKey({ audience, expirationSeconds }: Pick<TokenSource, 'audience' | 'expirationSeconds'>): string {
  return `${expirationSeconds} ${audience}`
}

/**
 * The files of all sources of a volume (pkg/volume/projected); of two of one path, the later source's. Throws `invalid` with
 * what every source has to complain of, for then none of it is written.
 */
export function projectedPayload(
  sources: readonly ProjectionSource[],
  defaultMode: number,
  facts: PayloadFacts,
): Payload {
  const files = new Map<string, VolumeFile>()
  const faults: string[] = []
  for (const source of sources) {
    const part = sourcePayload(source, defaultMode, facts)
    faults.push(...part.faults)
    for (const [path, file] of part.files) files.set(path, file)
  }
  if (faults.length > 0) throw new KubeletError('invalid', faultsText(faults))
  return files
}

/** The objects that these sources are made of. */
export function objectRefs(sources: readonly ProjectionSource[]): readonly DataObjectRef[] {
  return sources.flatMap((source) => (source.kind === 'object' ? [source.ref] : []))
}

interface Part {
  readonly files: Payload
  readonly faults: readonly string[]
}

function sourcePayload(source: ProjectionSource, defaultMode: number, facts: PayloadFacts): Part {
  switch (source.kind) {
    case 'object':
      return orFault(() => objectPayload(source, objectOf(source, facts), defaultMode))
    case 'downward':
      return downwardPayload(source.items, facts, defaultMode)
    case 'token':
      return orFault(() => tokenPayload(source, defaultMode, facts))
    case 'unsupported':
      return { files: new Map(), faults: [`minikubelet does not support a projected source of type ${source.field}`] }
    default:
      return source satisfies never
  }
}

function orFault(make: () => Payload): Part {
  try {
    return { files: make(), faults: [] }
  } catch (error) {
    return { files: new Map(), faults: [KubeletError.from(error).message] }
  }
}

function objectOf(
  { ref, optional }: Extract<ProjectionSource, { kind: 'object' }>,
  { objects }: PayloadFacts,
): DataObject | undefined {
  const found = objects.get(dataKey(ref))
  if (!(found instanceof KubeletError)) return found
  if (optional && found.code === 'not-found') return undefined
  throw found
}

/**
 * The token is its reader's alone where it is known who that is: `fsGroup` opens it to the group when it takes over the
 * volume. Throws why there is no token.
 */
function tokenPayload(source: TokenSource, defaultMode: number, { tokens, pod }: PayloadFacts): Payload {
  const token = tokens.get(tokenKey(source))
  if (token === undefined) throw new KubeletError('internal', 'failed to fetch token: nobody has asked for it')
  if (token instanceof KubeletError) throw token
  const user = fileUser(pod)
  const isPrivate = user !== undefined || pod.spec.securityContext?.fsGroup !== undefined
  const mode = isPrivate ? 0o600 : defaultMode
  return new Map([[source.path, { data: Buffer.from(token), mode, ...(user === undefined ? {} : { user }) }]])
}

/** Several in one, each once (Aggregate in k8s.io/apimachinery/pkg/util/errors). */
function faultsText(faults: readonly string[]): string {
  const distinct = [...new Set(faults)]
  return distinct.length === 1 ? distinct.join('') : `[${distinct.join(', ')}]`
}
