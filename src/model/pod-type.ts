import { podTypesText } from './pod-types-text.ts'

/** What a field may hold: `word` is a type's name, and the suffix `[]` or `{}` makes a list or a map of it. */
export interface FieldType {
  readonly name: string
  readonly isRequired: boolean
  readonly word: string
}

/** The fields of each type that a Pod is made of, but for its status. */
export const podTypes: ReadonlyMap<string, readonly FieldType[]> = new Map(
  podTypesText
    .trim()
    .split(/\n(?! )/u)
    .map((entry) => {
      const [head = '', ...fields] = entry.split(/\s+/u)
      return [head.slice(0, -1), fields.map(readFieldType)]
    }),
)

function readFieldType(text: string): FieldType {
  const [name = '', word = ''] = text.split(':')
  return { name: name.replace('!', ''), isRequired: name.endsWith('!'), word }
}
