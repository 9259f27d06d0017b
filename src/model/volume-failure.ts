/**
 * Where the way to a volume ended: what of it could not be found out (`process`), or which step of mounting it failed, as
 * the kubelet names them (GenerateMountVolumeFunc in pkg/volume/util/operationexecutor).
 */
export type VolumeStep = 'process' | 'node-affinity' | 'new-mounter' | 'mount-options' | 'mount-device' | 'set-up'

/** One volume of a Pod could not be set up, and why. */
export interface VolumeFailure {
  /** Its name in the Pod. */
  readonly volumeName: string
  readonly step: VolumeStep
  /** What it is called when it is told: as in the Pod, or as the PersistentVolume that it turned out to be. */
  readonly shownAs: string
  readonly message: string
}
