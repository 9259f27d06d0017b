/** Branded strings, so that one id cannot stand where another is meant. The casts below are the only way in. */
declare const brand: unique symbol

/** `metadata.uid` of a Pod; for a static Pod the hash of its manifest. Everything in the agent is keyed by it. */
export type PodUid = string & { readonly [brand]: 'PodUid' }

/**
 * Whether this can be the UID of a Pod. UIDs are names of folders, and an image can bring labels of ours with whatever in
 * them: nothing may lead out of the Pods' folder.
 */
export function isPlausibleUid(uid: string): boolean {
  return /^[A-Za-z0-9][-.\w]*$/.test(uid)
}

/** Whether a UID is the hash of a manifest, as manifest/static-pod makes it, and not the API server's. */
export function isManifestHash(uid: PodUid): boolean {
  return /^[0-9a-f]{32}$/.test(uid)
}

/** Docker's 64 hexadecimal digits for a container, be it a sandbox or a Pod's container. */
export type ContainerId = string & { readonly [brand]: 'ContainerId' }

/** Docker's `sha256:…` for an image. */
export type ImageId = string & { readonly [brand]: 'ImageId' }

export function podUid(value: string): PodUid {
  return value as PodUid
}

export function containerId(value: string): ContainerId {
  return value as ContainerId
}

export function imageId(value: string): ImageId {
  return value as ImageId
}
