import { KubeletError } from '../../model/errors.ts'
import type { Pod } from '../../model/kube.ts'
import { metadataValue } from '../downward/field-value.ts'
import { fileResourceValue, type Quantities } from '../downward/resource-value.ts'
import type { Payload, VolumeFile } from './payload.ts'
import type { DownwardFile } from './projection-source.ts'

/** What of a file about the Pod is not in the Pod. */
export interface DownwardFacts {
  readonly pod: Pod
  /** What the node has to give: the limit of who has none. */
  readonly allocatable: Quantities
}

/**
 * Files that say of the Pod what it is (CollectData in pkg/volume/downwardapi). One that asks for what there is not is in
 * `faults`, in the kubelet's words.
 */
export function downwardPayload(
  items: readonly DownwardFile[],
  facts: DownwardFacts,
  defaultMode: number,
): { readonly files: Payload; readonly faults: readonly string[] } {
  const files = new Map<string, VolumeFile>()
  const faults: string[] = []
  for (const item of items) {
    try {
      files.set(item.path, { data: Buffer.from(textOf(item, facts)), mode: item.mode ?? defaultMode })
    } catch (error) {
      faults.push(KubeletError.from(error).message)
    }
  }
  return { files, faults }
}

/** A file that names nothing is empty, as it is for the kubelet; the API server lets none pass. */
function textOf({ fieldRef, resourceFieldRef }: DownwardFile, { pod, allocatable }: DownwardFacts): string {
  if (fieldRef) return metadataValue(fieldRef.fieldPath, pod)
  return resourceFieldRef ? fileResourceValue(resourceFieldRef, pod, allocatable) : ''
}
