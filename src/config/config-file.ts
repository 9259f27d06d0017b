import { closestName } from '../util/closest-name.ts'
import { isRecord } from '../util/is-record.ts'
import { readYaml, type SourceDocument } from '../util/yaml-source.ts'
import { unsupportedKubeletFields, unsupportedKubeletSubfields } from './kubelet-fields.ts'
import { settingList } from './settings/settings.ts'

const apiVersion = 'kubelet.config.k8s.io/v1beta1'
const kind = 'KubeletConfiguration'

/** A KubeletConfiguration, its known fields not yet checked. */
export interface ConfigFile {
  readonly fields: ReadonlyMap<string, ConfigField>
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
}

export interface ConfigField {
  readonly value: unknown
  /** `config.yaml, line 7: maxPods`, for messages. */
  readonly place: string
}

/** Reads the text of a --config file; `file` is its name in messages. Every fault is listed, nothing is thrown. */
export function parseConfigFile(file: string, text: string): ConfigFile {
  const source = readYaml(text)
  if (source.kind === 'faults') {
    const faults = source.faults.map(({ line, message }) => `${file}, line ${line}: ${message}`)
    return { fields: new Map(), faults, warnings: [] }
  }
  const [document, second] = source.documents
  if (document === undefined) return faulty(`${file}: is empty, a ${kind} is wanted`)
  if (second !== undefined)
    return faulty(`${file}, line ${second.lineOf([])}: a second document, one ${kind} is wanted`)
  if (!isRecord(document.value)) return faulty(`${file}, line ${document.lineOf([])}: is not a ${kind}`)
  return readFields(file, document, document.value)
}

function faulty(fault: string): ConfigFile {
  return { fields: new Map(), faults: [fault], warnings: [] }
}

function readFields(file: string, document: SourceDocument, root: Readonly<Record<string, unknown>>): ConfigFile {
  const at = (path: string): string => `${file}, line ${document.lineOf(path.split('.'))}: ${path}`
  const fields = new Map<string, ConfigField>()
  const faults = wrongType(root, at)
  const warnings: string[] = []
  for (const [path, value] of flatten(root)) {
    if (path === 'apiVersion' || path === 'kind') continue
    // As with the kubelet, a field that is there but empty is one that is not set.
    if (value === null && isOurs(path)) continue
    if (isOurs(path)) fields.set(path, { value, place: at(path) })
    else if (isTheirs(path))
      warnings.push(`${at(path)} is a kubelet setting that minikubelet does not support, it is ignored`)
    else faults.push(unknownField(path, at(path)))
  }
  return { fields, faults, warnings }
}

function wrongType(root: Readonly<Record<string, unknown>>, at: (path: string) => string): string[] {
  const expected = { apiVersion, kind }
  return Object.entries(expected)
    .filter(([field, value]) => root[field] !== value)
    .map(([field, value]) => {
      const found = root[field]
      return `${at(field)} must be "${value}"${found === undefined ? '' : `, not ${JSON.stringify(found)}`}`
    })
}

/** Fields by path; a map is entered only where it holds settings of ours. */
function flatten(map: Readonly<Record<string, unknown>>, prefix = ''): [string, unknown][] {
  return Object.entries(map).flatMap(([key, value]) => {
    const path = `${prefix}${key}`
    const isParent = ourFields.some((field) => field.startsWith(`${path}.`))
    return isParent && isRecord(value) ? flatten(value, `${path}.`) : [[path, value] satisfies [string, unknown]]
  })
}

const ourFields: readonly string[] = settingList.flatMap(({ field }) => (field === undefined ? [] : [field]))

function isOurs(path: string): boolean {
  return ourFields.includes(path) || ourFields.some((field) => field.startsWith(`${path}.`))
}

function isTheirs(path: string): boolean {
  return unsupportedKubeletFields.includes(path) || unsupportedKubeletSubfields.includes(path)
}

function unknownField(path: string, place: string): string {
  const meant = closestName(path, [...ourFields, ...unsupportedKubeletFields])
  return `${place} is not a field of a ${kind}${meant === undefined ? '' : `, did you mean "${meant}"?`}`
}
