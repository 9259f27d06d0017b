import { isRecord } from '../util/is-record.ts'
import { readYaml, type SourceDocument } from '../util/yaml-source.ts'
import { decodePod, type WrittenPod } from './decode-pod.ts'
import { formatFault, type FieldFault, type FieldPath } from './field-fault.ts'

/** A Pod of a manifest, with the way back from one of its fields to its line. */
export interface ManifestPod {
  readonly pod: WrittenPod
  /** `web.yaml, line 12: spec.containers[0].name: Required value`. */
  readonly describe: (fault: FieldFault) => string
}

/** What a manifest says. Every message names file, line and, where there is one, field. */
export type ParsedManifest =
  | { readonly kind: 'pods'; readonly pods: readonly ManifestPod[]; readonly warnings: readonly string[] }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

/**
 * Reads a manifest, YAML or JSON: a v1 Pod, a PodList or a List of Pods, or several of them as documents. A file counts
 * as a whole: with one fault in it, none of its Pods is given. `file` is its name in messages.
 */
export function parseManifest(file: string, text: string): ParsedManifest {
  const source = readYaml(text)
  if (source.kind === 'faults') {
    return { kind: 'faults', faults: source.faults.map(({ line, message }) => `${file}, line ${line}: ${message}`) }
  }
  if (source.documents.length === 0) return { kind: 'faults', faults: [`${file}: is empty, a Pod is wanted`] }
  const documents = source.documents.map((document) => parseDocument(file, document))
  const faults = documents.flatMap((document) => document.faults)
  if (faults.length > 0) return { kind: 'faults', faults }
  const warnings = documents.flatMap((document) => document.warnings)
  return { kind: 'pods', pods: documents.flatMap(({ pods }) => pods), warnings }
}

interface ParsedDocument {
  readonly pods: readonly ManifestPod[]
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

function parseDocument(file: string, document: SourceDocument): ParsedDocument {
  const describe = (fault: FieldFault): string => `${file}, line ${document.lineOf(fault.path)}: ${formatFault(fault)}`
  const { places, faults } = findPods(document.value, [])
  const decoded = places.map(({ value, path }) => ({ path, ...decodePod(value, path) }))
  return {
    pods: decoded.map(({ pod, path }) => ({
      pod,
      describe: (fault) => describe({ ...fault, path: [...path, ...fault.path] }),
    })),
    faults: [...faults, ...decoded.flatMap((each) => each.faults)].map(describe),
    warnings: decoded.flatMap(({ unknownFields }) => unknownFields).map(describe),
  }
}

interface FoundPods {
  readonly places: readonly { readonly value: unknown; readonly path: FieldPath }[]
  readonly faults: readonly FieldFault[]
}

/** The Pods that an object is or holds. */
function findPods(value: unknown, path: FieldPath): FoundPods {
  if (!isRecord(value)) return refuse(path, `must be a Pod, not ${JSON.stringify(value)}`)
  const { apiVersion, kind, items } = value
  if (kind !== 'Pod' && kind !== 'PodList' && kind !== 'List') {
    const found = kind === undefined ? '' : `, not ${JSON.stringify(kind)}: only Pods can be static`
    return refuse([...path, 'kind'], `must be "Pod", "PodList" or "List"${found}`)
  }
  if (apiVersion !== 'v1') {
    const found = apiVersion === undefined ? '' : `, not ${JSON.stringify(apiVersion)}`
    return refuse([...path, 'apiVersion'], `must be "v1"${found}`)
  }
  if (kind === 'Pod') return { places: [{ value, path }], faults: [] }
  if (!Array.isArray(items)) return refuse([...path, 'items'], 'must be a list of Pods')
  const found = items.map((item: unknown, index) => findPods(asPod(item), [...path, 'items', index]))
  return { places: found.flatMap(({ places }) => places), faults: found.flatMap(({ faults }) => faults) }
}

/** The items of a PodList need not say what they are. */
function asPod(item: unknown): unknown {
  return isRecord(item) ? { apiVersion: 'v1', kind: 'Pod', ...item } : item
}

function refuse(path: FieldPath, message: string): FoundPods {
  return { places: [], faults: [{ path, message }] }
}
