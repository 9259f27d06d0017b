import {
  asList,
  asObject,
  booleanAt,
  objectAt,
  textAt,
  textsAt,
  type JsonObject,
} from '../../../src/engine/docker-json.ts'
import { labels } from '../../../src/model/labels.ts'
import type { SpareDocker } from '../../support/spare-docker.ts'
import { lookInside } from './inside.ts'

/**
 * What a container is: by the path in `docker inspect` what stands there, as JSON, without what is empty; and under `Inside`
 * what it looks like from in there, if it runs.
 */
export type Settings = ReadonlyMap<string, string>

/**
 * What the containers of a namespace were made of, by `<pod> <container>`; a sandbox is the container `POD`.
 *
 * @param names What has another name on each node, and the name that it is to have on both.
 */
export async function inspectAll(
  docker: SpareDocker,
  namespace: string,
  names: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Settings>> {
  const ids = await docker.run('ps', '--all', '--quiet', '--filter', `label=${labels.podNamespace}=${namespace}`)
  const containers = asList(JSON.parse(await docker.run('inspect', ...ids.split('\n'))), 'inspect').map((container) =>
    asObject(container, 'container'),
  )
  return new Map(
    await Promise.all(
      containers.map(async (container): Promise<[string, Settings]> => {
        const looks = hasShell(container) ? await lookInside(docker, textAt(container, 'Id')) : new Map()
        return [nameOf(container), settingsOf({ ...container, Inside: Object.fromEntries(looks) }, containers, names)]
      }),
    ),
  )
}

function hasShell(container: JsonObject): boolean {
  return booleanAt(objectAt(container, 'State'), 'Running') && !nameOf(container).endsWith(' POD')
}

function nameOf(container: JsonObject): string {
  const own = objectAt(objectAt(container, 'Config'), 'Labels')
  return `${textAt(own, labels.podName)} ${textAt(own, labels.containerName)}`
}

/** The parts that say what was asked for; the others say what became of it. */
const parts = ['Name', 'Path', 'Args', 'Image', 'Config', 'HostConfig', 'Mounts', 'Inside'] as const

function settingsOf(container: JsonObject, all: readonly JsonObject[], names: ReadonlyMap<string, string>): Settings {
  const own = objectAt(objectAt(container, 'Config'), 'Labels')
  const uid = textAt(own, labels.podUid)
  const known: readonly (readonly [string, string])[] = [
    ...all.map((other) => [textAt(other, 'Id'), `<${nameOf(other)}>`] as const),
    [uid, '<uid>'],
    ...all.flatMap(addressesOf).map((address) => [address, '<ip>'] as const),
    ...names,
  ]
  const named = (text: string): string =>
    known
      .reduce(
        (rest, [own, common]) => rest.replaceAll(own, common),
        text.replaceAll(new RegExp(String.raw`/[^\s:"]*/pods/${uid}`, 'gu'), '<pod folder>'),
      )
      // What an image's VOLUME is given.
      .replaceAll(/(?<!sha256:)\b[0-9a-f]{64}\b/gu, '<random>')
  const found = new Map<string, string>()
  const note = (path: string, value: unknown): void => {
    if (isEmpty(value)) return
    if (Array.isArray(value) || typeof value !== 'object') found.set(path, named(JSON.stringify(value)))
    else for (const [key, item] of Object.entries(asObject(value, path))) note(`${path}.${key}`, item)
  }
  for (const part of parts) note(part, byKey(part, container))
  return new Map([...found].map(([path, value]) => [named(path), value]))
}

function addressesOf(container: JsonObject): readonly string[] {
  const networks = objectAt(objectAt(container, 'NetworkSettings'), 'Networks')
  return Object.values(networks).flatMap((network) => textAt(asObject(network, 'network'), 'IPAddress') || [])
}

/** Lists whose order says nothing, as objects. */
function byKey(part: (typeof parts)[number], container: JsonObject): unknown {
  const value = container[part]
  switch (part) {
    case 'Config': {
      const config = asObject(value, part)
      return { ...config, Env: Object.fromEntries(textsAt(config, 'Env').map((entry) => splitAt(entry, '='))) }
    }
    case 'HostConfig': {
      const config = asObject(value, part)
      const binds = textsAt(config, 'Binds').map((bind) => {
        const [source = '', target = '', ...options] = bind.split(':')
        return [target, [source, ...options].join(':')] as const
      })
      return { ...config, Binds: Object.fromEntries(binds), SecurityOpt: textsAt(config, 'SecurityOpt').toSorted() }
    }
    case 'Mounts':
      return Object.fromEntries(
        asList(value, part).map((mount) => [textAt(asObject(mount, part), 'Destination'), mount]),
      )
    default:
      return value
  }
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  // Docker's JSON has no empty text: an empty value is one that is there.
  return [text.slice(0, at), text.slice(at)]
}

/** Docker's JSON writes what was not given as the zero value of its type. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
