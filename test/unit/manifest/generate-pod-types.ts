/**
 * Makes src/manifest/pod-types.ts from the models of @kubernetes/client-node, which the agent itself cannot load (90 MB).
 * Run by pod-types.test.ts with UPDATE=1.
 */
import { readFileSync } from 'node:fs'
import * as client from '@kubernetes/client-node'

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

/** Fields whose content is not a manifest's business: accepted as they are. */
const opaqueTypes = new Set(['V1PodStatus', 'V1ManagedFieldsEntry', 'V1EphemeralContainer'])

const quantityMaps = new Set(['limits', 'requests', 'overhead'])
const quantities = new Set(['divisor', 'sizeLimit'])

/** The text of src/manifest/pod-types.ts. */
export function generatePodTypes(): string {
  const types = new Map<string, string>()
  const todo = ['V1Pod']
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (types.has(name)) continue
    const required = requiredFields(name)
    const attributes = attributesOf(name)
    types.set(
      name,
      attributes.map((each) => `${each.baseName}${required.has(each.baseName) ? '!' : ''}:${typeWord(each)}`).join(' '),
    )
    todo.push(
      ...attributes.flatMap(({ type }) => /\w*V1\w+/u.exec(type) ?? []).filter((type) => !opaqueTypes.has(type)),
    )
  }
  const lines = [...types]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, fields]) => entry(shortName(name), fields))
  return `${header}${lines.join('\n')}\n\`\n`
}

const header = `/**
 * The fields of a v1 Pod by type, \`!\` where they are required. Generated from the models of @kubernetes/client-node by
 * test/unit/manifest/generate-pod-types.ts: don't edit it, run its test with UPDATE=1.
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

function shortName(name: string): string {
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
