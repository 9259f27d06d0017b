import type { PersistentVolume, PersistentVolumeClaim, VolumeSpec } from '../../src/model/kube.ts'
import type { ObjectServer } from './fake-objects.ts'
import { found, refused } from './stored.ts'

/** What a test says of a claim; the server adds the rest. */
export interface NewClaim {
  readonly namespace: string
  readonly name: string
  readonly metadata?: Partial<PersistentVolumeClaim['metadata']>
}

/** What a test says of a PersistentVolume; the server adds the rest. */
export interface NewVolume {
  readonly name: string
  readonly spec: PersistentVolume['spec']
}

/** The claims and PersistentVolumes of a fake API server, with the controller that binds them. */
export class FakeClaims {
  readonly #server: ObjectServer
  readonly #claims = new Map<string, PersistentVolumeClaim>()
  readonly #volumes = new Map<string, PersistentVolume>()

  constructor(server: ObjectServer) {
    this.#server = server
  }

  /** A user creates or replaces a claim, which is not bound yet. */
  putClaim({ namespace, name, metadata }: NewClaim): void {
    const uid = `uid-of-${namespace}-${name}`
    this.#setClaim({
      metadata: { namespace, name, uid, resourceVersion: this.#server.changed(), ...metadata },
      status: { phase: 'Pending' },
    })
  }

  deleteClaim(namespace: string, name: string): void {
    this.#claims.delete(`${namespace}/${name}`)
  }

  putVolume({ name, spec }: NewVolume): void {
    this.#volumes.set(name, { metadata: { name, resourceVersion: this.#server.changed() }, spec })
  }

  /** The controller's part: each of the two names the other. */
  bind(namespace: string, name: string, volumeName: string): void {
    const claim = this.#claim(namespace, name)
    const volume = this.#volume(volumeName)
    const claimRef = { namespace, name, uid: claim.metadata.uid }
    this.#volumes.set(volumeName, { ...volume, spec: { ...volume.spec, claimRef } })
    this.#setClaim({ ...claim, spec: { volumeName }, status: { phase: 'Bound' } })
  }

  /** As the server answers a node: of what none of its Pods names it may not even know whether it exists. */
  requireClaim(namespace: string, name: string): PersistentVolumeClaim {
    const isNamed = this.#server.pods.some(
      ({ metadata, spec }) =>
        metadata.namespace === namespace &&
        (spec.volumes ?? []).some((volume) => claimNameOf(metadata.name, volume) === name),
    )
    if (!isNamed) throw unrelated(`persistentvolumeclaims "${name}"`)
    return this.#claim(namespace, name)
  }

  requireVolume(name: string): PersistentVolume {
    const { claimRef } = this.#volumes.get(name)?.spec ?? {}
    if (claimRef === undefined) throw unrelated(`persistentvolumes "${name}"`)
    this.requireClaim(claimRef.namespace ?? '', claimRef.name ?? '')
    return this.#volume(name)
  }

  #setClaim(claim: PersistentVolumeClaim): void {
    this.#claims.set(`${claim.metadata.namespace}/${claim.metadata.name}`, claim)
  }

  #claim(namespace: string, name: string): PersistentVolumeClaim {
    return found(this.#claims.get(`${namespace}/${name}`), `persistentvolumeclaims "${name}"`)
  }

  #volume(name: string): PersistentVolume {
    return found(this.#volumes.get(name), `persistentvolumes "${name}"`)
  }
}

function claimNameOf(podName: string, { name, persistentVolumeClaim, ephemeral }: VolumeSpec): string | undefined {
  return ephemeral === undefined ? persistentVolumeClaim?.claimName : `${podName}-${name}`
}

function unrelated(what: string): Error {
  return refused(403, `${what} is forbidden: no relationship found between node and this object`)
}
