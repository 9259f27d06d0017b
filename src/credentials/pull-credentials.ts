import type { ObjectCache } from '../cluster/objects/object-cache.ts'
import { KubeletError } from '../model/errors.ts'
import { podUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import type { RegistryEntry } from './docker-config.ts'
import { distinctCredentials, findCredentials, type PullCredential } from './keyring.ts'
import type { NodeCredentials } from './node-credentials.ts'
import { pullSecretEntries } from './pull-secret.ts'

/** A secret that a Pod names and that is of no use for its pulls. */
export interface SecretFault {
  readonly secretName: string
  /** `unusable`: it can't be had or read. `no-pull-secret`: it is of another type, or empty. */
  readonly kind: 'unusable' | 'no-pull-secret'
  readonly message: string
}

export interface FoundCredentials {
  /** In the order in which they are to be tried; none: the pull is anonymous. */
  readonly credentials: readonly PullCredential[]
  readonly faults: readonly SecretFault[]
}

export interface PullCredentialsOptions {
  /** `undefined` without a cluster: then there are no secrets. */
  readonly secrets: Pick<ObjectCache, 'get'> | undefined
  readonly node: Pick<NodeCredentials, 'find'>
}

/**
 * What a Pod's image may be pulled with: its pull secrets first, then what the node has. The secrets are those of the
 * Pod's spec, to which the API server has added its ServiceAccount's when it admitted the Pod.
 */
export class PullCredentials {
  readonly #secrets: Pick<ObjectCache, 'get'> | undefined
  readonly #node: Pick<NodeCredentials, 'find'>

  constructor({ secrets, node }: PullCredentialsOptions) {
    this.#secrets = secrets
    this.#node = node
  }

  /** Secrets that are of no use are told of and left out. Throws `aborted` only. */
  async find(pod: Pod, image: string, signal: AbortSignal): Promise<FoundCredentials> {
    const names = new Set((pod.spec.imagePullSecrets ?? []).map(({ name }) => name ?? ''))
    names.delete('')
    const [looks, ofNode] = await Promise.all([
      Promise.all([...names].map((name) => this.#entriesOf(pod, name, signal))),
      this.#node.find(image, signal),
    ])
    const entries = looks.flatMap((look) => ('faults' in look ? [] : look.entries))
    return {
      credentials: distinctCredentials([...findCredentials(entries, image), ...ofNode]),
      faults: looks.flatMap((look) => ('faults' in look ? look.faults : [])),
    }
  }

  async #entriesOf(
    { metadata: { namespace, uid } }: Pod,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly entries: readonly RegistryEntry[] } | { readonly faults: readonly SecretFault[] }> {
    const fault = (kind: SecretFault['kind'], message: string) => ({ faults: [{ secretName: name, kind, message }] })
    if (this.#secrets === undefined) return fault('unusable', 'there is no API server')
    try {
      const secret = await this.#secrets.get(podUid(uid), { kind: 'Secret', namespace, name }, signal)
      const entries = pullSecretEntries(secret)
      return entries === undefined
        ? fault('no-pull-secret', `nothing in it is for pulling: its type is "${secret.type ?? ''}"`)
        : {
            entries: entries.map((entry) => ({
              ...entry,
              secret: { uid: secret.metadata.uid, namespace, name },
            })),
          }
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      return fault('unusable', KubeletError.from(error).message)
    }
  }
}
