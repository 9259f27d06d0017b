import { enforcementNames, type Enforcement } from '../config.ts'
import { decoded, listType, refused } from './value-type.ts'

/** `--enforce-node-allocatable`: a list of names without repetitions, `none` only by itself. */
export const enforcements = listType<readonly Enforcement[]>('NAME,...', (items) => {
  const given = items.filter((item) => item !== '')
  const names = given.flatMap((item) => enforcementNames.find((name) => name === item) ?? [])
  const expected = `any of ${enforcementNames.join(', ')}`
  if (names.length < given.length) return refused(`${expected}, and "${given.find((item) => !isName(item))}" is none`)
  if (new Set(names).size < names.length) return refused(`${expected}, each once`)
  if (given.includes('none') && given.length > 1) return refused(`${expected}, and "none" only by itself`)
  return decoded(names)
})

function isName(item: string): boolean {
  return enforcementNames.some((name) => name === item)
}
