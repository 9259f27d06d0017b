/**
 * Makes src/model/pod-types-text.ts from the models of @kubernetes/client-node, which the agent itself cannot load (90 MB).
 * Run by pod-types.test.ts with UPDATE=1.
 */
import { readFileSync } from 'node:fs'
import * as client from '@kubernetes/client-node'

export interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

/** Fields whose content is not a manifest's business: accepted as they are. */
const opaqueTypes = new Set(['V1PodStatus', 'V1ManagedFieldsEntry'])

const quantityMaps = new Set(['limits', 'requests', 'overhead'])
const quantities = new Set(['divisor', 'sizeLimit'])

/** The text of src/model/pod-types-text.ts. */
export function generatePodTypes(): string {
  const lines = [...modelsOf('V1Pod', opaqueTypes)]
    .map(([name, attributes]) => [name, fieldsOf(name, attributes)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, fields]) => entry(shortName(name), fields))
  return `${header}${lines.join('\n')}\n\`\n`
}

/** The models that `root` is made of, it first, with their attributes; nothing of what is only in `leftOut`. */
export function modelsOf(root: string, leftOut: ReadonlySet<string>): ReadonlyMap<string, readonly Attribute[]> {
  const models = new Map<string, readonly Attribute[]>()
  const todo = [root]
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (models.has(name)) continue
    const attributes = attributesOf(name)
    models.set(name, attributes)
    todo.push(...attributes.flatMap((attribute) => modelIn(attribute) ?? []).filter((model) => !leftOut.has(model)))
  }
  return models
}

/** The model that a field holds, or a list of. */
export function modelIn({ type }: Attribute): string | undefined {
  return /\w*V1\w+/u.exec(type)?.[0]
}

function fieldsOf(name: string, attributes: readonly Attribute[]): string {
  const required = requiredFields(name)
  return attributes
    .map((each) => `${each.baseName}${required.has(each.baseName) ? '!' : ''}:${typeWord(each)}`)
    .join(' ')
}

const header = `/**
 * The fields of a v1 Pod by type, \`!\` where they are required. Generated from the models of @kubernetes/client-node by
 * test/unit/model/generate-pod-types.ts: don't edit it, run its test with UPDATE=1.
 */
export const podTypesText = \`
`

function attributesOf(name: string): readonly Attribute[] {
  const model: unknown = Reflect.get(client, name)
  if (
    typeof model === 'function' &&
    'getAttributeTypeMap' in model &&
    typeof model.getAttributeTypeMap === 'function'
  ) {
    return model.getAttributeTypeMap()
  }
  throw new Error(`@kubernetes/client-node has no model "${name}"`)
}

/** Which fields the declaration of a model has without a question mark. */
function requiredFields(name: string): ReadonlySet<string> {
  const url = import.meta.resolve('@kubernetes/client-node')
  const declaration = readFileSync(new URL(`gen/models/${name}.d.ts`, url), 'utf8')
  return new Set([...declaration.matchAll(/^ {4}'(\w+)': /gmu)].map(([, field = '']) => field))
}

function typeWord({ baseName, type, format }: Attribute): string {
  const item = /^Array<(\w+)>$/u.exec(type)?.[1]
  if (item !== undefined) return `${typeWord({ baseName, type: item, format })}[]`
  if (opaqueTypes.has(type)) return 'any'
  if (type === '{ [key: string]: string; }') return quantityMaps.has(baseName) ? 'quantity{}' : 'string{}'
  if (type === 'string') return quantities.has(baseName) ? 'quantity' : 'string'
  const words: Readonly<Record<string, string>> = { number: 'integer', Date: 'string', IntOrString: 'integerOrString' }
  return words[type] ?? shortName(type)
}

/** A model's name as the API's reference has it. */
export function shortName(name: string): string {
  return name.replace(/^(?:Core)?V1/u, '')
}

/** `Name: a:string b!:integer`, wrapped at 118 columns. */
function entry(name: string, fields: string): readonly string[] {
  const lines: string[] = []
  let line = `${name}:`
  for (const field of fields.split(' ')) {
    if (line.length + 1 + field.length > 118) {
      lines.push(line)
      line = ' '
    }
    line += ` ${field}`
  }
  return [...lines, line]
}
