import { isManifestHash, type PodUid } from '../../model/ids.ts'

/** What no source is known to want, and is left alone nevertheless: a source has a Pod that nobody can read. */
export class SparedOrphans {
  /** Some manifest is broken: any static Pod may stand in it. */
  ofManifests = false
  /** UIDs of Pods that the API server has. */
  ofCluster: ReadonlySet<string> = new Set()

  has(uid: PodUid): boolean {
    return this.ofCluster.has(uid) || (this.ofManifests && isManifestHash(uid))
  }
}
