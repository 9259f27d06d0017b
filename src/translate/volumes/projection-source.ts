import type { DataObjectRef, Pod, VolumeSpec } from '../../model/kube.ts'

type ProjectedVolume = NonNullable<VolumeSpec['projected']>
type VolumeProjection = NonNullable<ProjectedVolume['sources']>[number]
export type KeyToPath = NonNullable<NonNullable<VolumeSpec['secret']>['items']>[number]
export type DownwardFile = NonNullable<NonNullable<VolumeSpec['downwardAPI']>['items']>[number]

/** Where some of the files of a volume come from. The four kinds of volume that are made of files all come down to these. */
export type ProjectionSource =
  | {
      readonly kind: 'object'
      readonly ref: DataObjectRef
      /** Which keys become which files; `undefined` for all, each under its own name. */
      readonly items: readonly KeyToPath[] | undefined
      /** Neither the object nor a key has to be there. */
      readonly optional: boolean
    }
  | { readonly kind: 'downward'; readonly items: readonly DownwardFile[] }
  | {
      readonly kind: 'token'
      /** Empty for the API server itself. */
      readonly audience: string
      readonly expirationSeconds: number
      readonly path: string
    }
  /** One that this agent does not serve, by its field name in the spec. */
  | { readonly kind: 'unsupported'; readonly field: string }

const defaultTokenSeconds = 3600

/** The one source of a configMap or a secret volume. */
export function objectSource(
  ref: DataObjectRef,
  { items, optional }: { readonly items?: readonly KeyToPath[]; readonly optional?: boolean },
): ProjectionSource {
  return {
    kind: 'object',
    ref,
    items: items === undefined || items.length === 0 ? undefined : items,
    optional: optional === true,
  }
}

/** A source of a projected volume. */
export function projectionSource(pod: Pod, projection: VolumeProjection): ProjectionSource {
  const { namespace } = pod.metadata
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = projection
  if (configMap) return objectSource({ kind: 'ConfigMap', namespace, name: configMap.name ?? '' }, configMap)
  if (secret) return objectSource({ kind: 'Secret', namespace, name: secret.name ?? '' }, secret)
  if (downwardAPI) return { kind: 'downward', items: downwardAPI.items ?? [] }
  if (token) {
    const { audience = '', expirationSeconds = defaultTokenSeconds, path } = token
    return { kind: 'token', audience, expirationSeconds, path }
  }
  return { kind: 'unsupported', field: Object.keys(projection)[0] ?? 'without a source' }
}
