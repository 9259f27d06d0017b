import type { Pod } from '../../model/kube.ts'
import { labelFault, labelValueFault, qualifiedNameFault, subdomainFault } from '../../util/names.ts'
import { invalidIf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

/** All annotations together, keys and values, in bytes. */
const annotationsLimit = 262_144

/** Name, namespace, labels and annotations. */
export function validateMetadata({ metadata }: Pod): readonly FieldFault[] {
  const { name, namespace, labels = {}, annotations = {} } = metadata
  const path: FieldPath = ['metadata']
  return [
    ...(name === ''
      ? [required([...path, 'name'], 'name or generateName is required')]
      : invalidIf([...path, 'name'], name, subdomainFault(name))),
    ...invalidIf([...path, 'namespace'], namespace, labelFault(namespace)),
    ...validateLabels(labels, [...path, 'labels']),
    ...Object.keys(annotations).flatMap((key) =>
      // As in the API server, the case of an annotation's key is nobody's business.
      invalidIf([...path, 'annotations'], key, qualifiedNameFault(key.toLowerCase())),
    ),
    ...(sizeOf(annotations) > annotationsLimit
      ? [{ path: [...path, 'annotations'], message: `Too long: may not be more than ${annotationsLimit} bytes` }]
      : []),
  ]
}

/** Keys and values of labels or of a selector. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: FieldPath): readonly FieldFault[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...invalidIf(path, key, qualifiedNameFault(key)),
    ...invalidIf(path, value, labelValueFault(value)),
  ])
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0)
}
