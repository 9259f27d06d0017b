import { packages, purePaths, pureRooms, rooms } from './rooms.ts'
import type { Import, SourceFile } from './source-file.ts'

/** A rule of the architecture: what in these files breaks it, as texts that name file and offence. */
export type Rule = (files: readonly SourceFile[]) => readonly string[]

/** Imports between rooms go one way, along the list. */
export const importsGoOneWay: Rule = (files) =>
  eachImport(files, (file, { target, kind }) => {
    if (!isOurs(target) || roomOf(target) === file.room) return undefined
    const room = rooms.find(({ name }) => name === file.room)
    if (room === undefined) return `${file.path} is in a room that the list does not have`
    if (room.imports.includes(roomOf(target))) return undefined
    if (room.types?.includes(roomOf(target)) === true && kind === 'type') return undefined
    return `${file.path} imports ${target}`
  })

/** No file can be reached from itself by imports that are there at run time. */
export const importsHaveNoCycles: Rule = (files) =>
  files.flatMap((file) =>
    reachable(files, file.path).has(file.path) ? [`${file.path} imports itself in the end`] : [],
  )

/** What of Node is mere computing. An empty list means all of it. */
const pureModules: Readonly<Record<string, readonly string[]>> = {
  'node:util': [],
  'node:path': [],
  'node:crypto': ['createHash'],
  'node:net': ['isIP', 'isIPv4', 'isIPv6'],
  'node:zlib': ['constants', 'inflateRawSync'],
}

/** Pure files load nothing that could do I/O, and pure rooms name not even the types of impure ones. */
export const pureFilesImportPureOnes: Rule = (files) =>
  eachImport(files.filter(isPure), (file, { target, kind, names }) => {
    const isForeign = kind === 'type' && (!pureRooms.includes(file.room) || target === '@kubernetes/client-node')
    if (isForeign || (isOurs(target) && isPurePath(target)) || isPureModule(target, names)) return undefined
    return `${file.path} is pure and imports ${target}`
  })

const impureWords = new RegExp(
  [
    String.raw`\bDate\.now\b`,
    String.raw`\bnew Date\(\s*\)`,
    String.raw`(?<!new |[.\w])Date\(`,
    String.raw`\bMath\.random\b`,
    String.raw`\bimport\.meta\b`,
    String.raw`(?<![.\w])(?:process|performance|console|globalThis)\b`,
    String.raw`(?<![.\w])(?:crypto\.|fetch\(|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\()`,
  ].join('|'),
  'u',
)

/** Pure files read no clock, no chance, no environment, and print nothing. */
export const pureFilesAskNothing: Rule = (files) =>
  eachLine(files.filter(isPure), (line) => {
    const word = impureWords.exec(line)?.[0]
    return word === undefined ? undefined : `is pure and uses ${word}`
  })

/** Each library has its place. */
export const packagesHaveTheirPlace: Rule = (files) =>
  eachImport(files, (file, { target, kind }) => {
    if (isOurs(target) || target.startsWith('node:')) return undefined
    const { loaded = [], typed = [] } = packages[target] ?? {}
    const places = kind === 'type' ? [...loaded, ...typed] : loaded
    if (places.some((place) => file.path.startsWith(place))) return undefined
    return `${file.path} ${kind === 'type' ? 'knows the types of' : 'loads'} ${target}`
  })

/** client-node's generated code costs 90 MB: nothing that the agent's own process loads may load it. */
export const agentLoadsNoGeneratedClient: Rule = (files) => {
  const loaded = reachable(files, 'main.ts')
  return files.flatMap(({ path, imports }) => {
    const loads = imports.some(({ target, kind }) => kind !== 'type' && target === '@kubernetes/client-node')
    return loads && loaded.has(path) ? [`${path} loads @kubernetes/client-node and is loaded by the agent`] : []
  })
}

const entryPoints = ['main.ts']
const declaration = /^(?:import|export|const|function|async function|class|abstract class|type|interface|declare)\b/u
/** Done only where the file is the process's own. */
const guarded = /^if \(import\.meta\.main\)/u

/** Importing a file has no effect, but for the program itself. */
export const importsHaveNoEffect: Rule = (files) =>
  eachLine(
    files.filter(({ path }) => !entryPoints.includes(path)),
    (line) => {
      if (/^(?:$|[\s})\]`])/u.test(line) || guarded.test(line)) return undefined
      if (!declaration.test(line)) return `does at its top: ${line.trim()}`
      return /^(?:export )?const\b[^=]*=[^>]*\bawait\b/u.test(line) ? `waits at its top: ${line.trim()}` : undefined
    },
  )

/** No state in modules, nothing that types stripped away would leave behind. */
export const modulesHoldNoState: Rule = (files) =>
  eachLine(files, (line) => {
    const word =
      /^(?:export )?(?:let|var)\b|^(?:export )?(?:declare )?(?:const )?enum\b|^(?:export )?namespace\b/u.exec(line)
    return word === null ? undefined : `has at its top: ${word[0]}`
  })

function eachImport(
  files: readonly SourceFile[],
  judge: (file: SourceFile, imported: Import) => string | undefined,
): readonly string[] {
  return files.flatMap((file) => file.imports.flatMap((imported) => judge(file, imported) ?? []))
}

function eachLine(files: readonly SourceFile[], judge: (line: string) => string | undefined): readonly string[] {
  return files.flatMap(({ path, code }) =>
    code.split('\n').flatMap((line, index) => {
      const offence = judge(line)
      return offence === undefined ? [] : [`${path}:${index + 1} ${offence}`]
    }),
  )
}

function isOurs(target: string): boolean {
  return target.endsWith('.ts')
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path
}

function isPure({ path }: SourceFile): boolean {
  return isPurePath(path)
}

function isPurePath(path: string): boolean {
  return pureRooms.includes(roomOf(path)) || purePaths.some((start) => path.startsWith(start))
}

function isPureModule(target: string, names: readonly string[]): boolean {
  const allowed = pureModules[target]
  if (allowed === undefined) return false
  return allowed.length === 0 || (names.length > 0 && names.every((name) => allowed.includes(name)))
}

/** The files that are loaded with `start`, or once it runs; `start` itself only if it comes back to itself. */
function reachable(files: readonly SourceFile[], start: string): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const found = new Set<string>()
  const open = [start]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { target, kind } of byPath.get(path)?.imports ?? []) {
      if (kind === 'type' || !isOurs(target) || found.has(target)) continue
      found.add(target)
      open.push(target)
    }
  }
  return found
}
