/** A volume that has been set up, as containers mount it. */
export type MountedVolume =
  | {
      readonly kind: 'path'
      /** Of a directory, or of whatever else a hostPath volume stands for. */
      readonly path: string
      /** Whatever a mount says, containers only read it. */
      readonly readOnly: boolean
      /** Docker makes a directory of it where there is nothing. */
      readonly mayBeMissing: boolean
      /** A group that all processes of the Pod are in for its sake. */
      readonly group?: number
    }
  | {
      readonly kind: 'image'
      /** By which Docker knows it. */
      readonly reference: string
    }
