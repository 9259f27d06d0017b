/**
 * The architecture, as rules over the text of src: who imports whom, who is pure, which library lives where. Each rule
 * is also shown code that breaks it, so that none passes because it looks at nothing.
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { packages, purePaths, rooms } from './architecture/rooms.ts'
import {
  agentLoadsNoGeneratedClient,
  importsGoOneWay,
  importsHaveNoCycles,
  importsHaveNoEffect,
  modulesHoldNoState,
  packagesHaveTheirPlace,
  pureFilesAskNothing,
  pureFilesImportPureOnes,
  type Rule,
} from './architecture/rules.ts'
import { parseSource, readSources } from './architecture/source-file.ts'

const root = join(import.meta.dirname, '..')
const sources = readSources(join(root, 'src'))

interface Plant {
  readonly path: string
  readonly text: string
  /** What the rule says of it; `undefined` where it must be content. */
  readonly offence: string | undefined
}

function plant(path: string, text: string, offence?: string): Plant {
  return { path, text, offence }
}

interface RuleCase {
  readonly title: string
  readonly rule: Rule
  readonly plants: readonly Plant[]
}

const cases: readonly RuleCase[] = [
  {
    title: 'imports between rooms go one way',
    rule: importsGoOneWay,
    plants: [
      plant('model/x.ts', "import { y } from '../util/y.ts'", 'model/x.ts imports util/y.ts'),
      plant('plan/x.ts', "import type { Y } from '../status/y.ts'", 'plan/x.ts imports status/y.ts'),
      plant('status/x.ts', "import { y } from '../plan/y.ts'", 'status/x.ts imports plan/y.ts'),
      plant('status/x.ts', "import type { Y } from '../plan/y.ts'"),
      plant('engine/deep/x.ts', "export { y } from '../../cluster/y.ts'", 'engine/deep/x.ts imports cluster/y.ts'),
      plant('sync/x.ts', "const y = await import('../kubelet.ts')", 'sync/x.ts imports kubelet.ts'),
      plant('plan/x.ts', "import {\n  y,\n} from '../sync/y.ts'", 'plan/x.ts imports sync/y.ts'),
      plant('new/x.ts', "import '../model/y.ts'", 'new/x.ts is in a room that the list does not have'),
      plant('plan/x.ts', "// import { y } from '../sync/y.ts'\nconst a = `\nimport { y } from '../sync/y.ts'\n`"),
    ],
  },
  {
    title: 'no imports go in a circle',
    rule: importsHaveNoCycles,
    plants: [
      plant('plan/x.ts', "import { x } from './x.ts'", 'plan/x.ts imports itself in the end'),
      plant('plan/x.ts', "import type { X } from './x.ts'"),
    ],
  },
  {
    title: 'what is pure imports only what is pure',
    rule: pureFilesImportPureOnes,
    plants: [
      plant('plan/x.ts', "import { readFile } from 'node:fs/promises'", 'plan/x.ts is pure and imports node:fs'),
      plant('status/x.ts', "import http from 'node:http'", 'status/x.ts is pure and imports node:http'),
      plant(
        'translate/x.ts',
        "import { randomUUID } from 'node:crypto'",
        'translate/x.ts is pure and imports node:crypto',
      ),
      plant('translate/x.ts', "import { createHash } from 'node:crypto'"),
      plant('plan/x.ts', "import { connect, isIP } from 'node:net'", 'plan/x.ts is pure and imports node:net'),
      plant(
        'plan/x.ts',
        "import type { Engine } from '../engine/engine.ts'",
        'plan/x.ts is pure and imports engine/engine.ts',
      ),
      plant('model/x.ts', "import type { V1Pod } from '@kubernetes/client-node'"),
      plant(
        'model/x.ts',
        "import { V1Pod } from '@kubernetes/client-node'",
        'model/x.ts is pure and imports @kubernetes/client-node',
      ),
      plant('plan/x.ts', "import { createLogger } from '../util/log.ts'", 'plan/x.ts is pure and imports util/log.ts'),
      plant('node/node-object.ts', "import os from 'node:os'", 'node/node-object.ts is pure and imports node:os'),
      plant('node/node-object.ts', "import type { Engine } from '../engine/engine.ts'"),
      plant('node/lease.ts', "import os from 'node:os'"),
    ],
  },
  {
    title: 'what is pure reads no clock, no chance and no environment',
    rule: pureFilesAskNothing,
    plants: [
      plant('plan/x.ts', 'const x = () => Date.now()', 'plan/x.ts:1 is pure and uses Date.now'),
      plant('plan/x.ts', 'const x = () => new Date()', 'plan/x.ts:1 is pure and uses new Date()'),
      plant('plan/x.ts', 'const x = (ms: number) => new Date(ms)'),
      plant('plan/x.ts', 'const x = () => Date()', 'plan/x.ts:1 is pure and uses Date('),
      plant('plan/x.ts', 'const { env } = process', 'plan/x.ts:1 is pure and uses process'),
      plant('plan/x.ts', 'const x = () => crypto.randomUUID()', 'plan/x.ts:1 is pure and uses crypto.'),
      plant('status/x.ts', '\nconst x = () => Math.random()', 'status/x.ts:2 is pure and uses Math.random'),
      plant('status/x.ts', 'const x = () => process.env', 'status/x.ts:1 is pure and uses process'),
      plant('model/x.ts', 'const x = () => performance.now()', 'model/x.ts:1 is pure and uses performance'),
      plant('model/x.ts', 'const x = () => console.log(1)', 'model/x.ts:1 is pure and uses console'),
      plant('translate/x.ts', 'const x = () => setTimeout(y, 1)', 'translate/x.ts:1 is pure and uses setTimeout('),
      plant('translate/x.ts', "const x = 'Date.now()' // process.env\nconst y = /process.env/"),
      plant('sync/x.ts', 'const x = () => Date.now()'),
    ],
  },
  {
    title: 'every library has its place',
    rule: packagesHaveTheirPlace,
    plants: [
      plant('plan/x.ts', "import Dockerode from 'dockerode'", 'plan/x.ts loads dockerode'),
      plant('engine/x.ts', "import Dockerode from 'dockerode'", 'engine/x.ts loads dockerode'),
      plant('engine/x.ts', "import type Dockerode from 'dockerode'"),
      plant('sync/x.ts', "import type Dockerode from 'dockerode'", 'sync/x.ts knows the types of dockerode'),
      plant(
        'sync/x.ts',
        "import type { V1Pod } from '@kubernetes/client-node'",
        'sync/x.ts knows the types of @kubernetes/client-node',
      ),
      plant(
        'cluster/x.ts',
        "const k = await import('@kubernetes/client-node')",
        'cluster/x.ts loads @kubernetes/client-node',
      ),
      plant('cluster/x.ts', "import { parse } from 'yaml'", 'cluster/x.ts loads yaml'),
      plant('sync/x.ts', "import pino from 'pino/file'", 'sync/x.ts loads pino'),
      plant('sync/x.ts', "import _ from 'lodash'", 'sync/x.ts loads lodash'),
      plant('sync/x.ts', "import fs from 'node:fs'"),
    ],
  },
  {
    title: "the agent's process never loads the generated client",
    rule: agentLoadsNoGeneratedClient,
    plants: [
      plant(
        'main.ts',
        "import './main.ts'\nimport { V1Pod } from '@kubernetes/client-node'",
        'main.ts loads @kubernetes/client-node and is loaded by the agent',
      ),
      plant('cluster/x.ts', "import { V1Pod } from '@kubernetes/client-node'"),
      plant('main.ts', "import './main.ts'\nimport type { V1Pod } from '@kubernetes/client-node'"),
    ],
  },
  {
    title: 'importing a file has no effect',
    rule: importsHaveNoEffect,
    plants: [
      plant('sync/x.ts', 'start()', 'sync/x.ts:1 does at its top: start()'),
      plant('sync/x.ts', 'for (const x of y) z(x)', 'sync/x.ts:1 does at its top: for (const x of y) z(x)'),
      plant('sync/x.ts', 'const x = await read()', 'sync/x.ts:1 waits at its top: const x = await read()'),
      plant('sync/x.ts', 'const x = async () => await read()'),
      plant('sync/x.ts', 'if (import.meta.main) start()'),
      plant('sync/x.ts', '/* a\nb */\nconst x = `\nstart()\n`\nexport class A {\n  b = 1\n}\nexport type C = 1'),
      plant('main.ts', 'start()'),
    ],
  },
  {
    title: 'modules hold no state and nothing that cannot be erased',
    rule: modulesHoldNoState,
    plants: [
      plant('sync/x.ts', 'let x = 1', 'sync/x.ts:1 has at its top: let'),
      plant('sync/x.ts', 'export let x = 1', 'sync/x.ts:1 has at its top: export let'),
      plant('sync/x.ts', 'var x = 1', 'sync/x.ts:1 has at its top: var'),
      plant('sync/x.ts', 'export const enum X {}', 'sync/x.ts:1 has at its top: export const enum'),
      plant('sync/x.ts', 'enum X {}', 'sync/x.ts:1 has at its top: enum'),
      plant('sync/x.ts', 'export namespace X {}', 'sync/x.ts:1 has at its top: export namespace'),
      plant('sync/x.ts', 'function x() {\n  let y = 1\n}'),
    ],
  },
]

for (const { title, rule, plants } of cases) {
  describe(`The rule that ${title}`, () => {
    it('is kept', () => assert.deepEqual(rule(sources), []))

    for (const { path, text, offence } of plants) {
      it(`${offence === undefined ? 'accepts' : 'refuses'} in ${path}: ${text}`, () => {
        assert.deepEqual(rule([parseSource(path, text)]), offence === undefined ? [] : [offence])
      })
    }
  })
}

describe('A file', () => {
  it('has at most 300 lines, in tests too', () => {
    const files = ['src', 'test'].flatMap((folder) =>
      readSources(join(root, folder)).map(
        ({ path, code }) => [`${folder}/${path}`, code.split('\n').length - 1] as const,
      ),
    )
    const long = files.filter(([, lines]) => lines > 300)
    assert.deepEqual(long, [])
  })

  it('has no comment that is much wider than its code may be, in tests too', () => {
    const files = ['src', 'test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    const comments = files
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(join(root, path), 'utf8').match(/^ *(?:\/\/|\/?\*).*$/gmu) ?? [])
    assert.ok(comments.length > files.length)
    assert.deepEqual(
      comments.filter((line) => line.length > 125),
      [],
    )
  })
})

describe('The rules', () => {
  it('have looked at the whole of src', () => {
    assert.ok(sources.length > 100)
    assert.ok(sources.flatMap(({ imports }) => imports).length > sources.length)
  })

  it('know every room, each with rooms before it only', () => {
    const names = rooms.map(({ name }) => name)
    assert.deepEqual(new Set(sources.map(({ room }) => room)), new Set(names))
    for (const [index, { name, imports, types = [] }] of rooms.entries()) {
      const before = new Set(names.slice(0, index))
      for (const other of [...imports, ...types]) assert.ok(before.has(other), `${name} stands behind ${other}`)
    }
  })

  it('name pure files that exist', () => {
    const idle = purePaths.filter((start) => !sources.some(({ path }) => path.startsWith(start)))
    assert.deepEqual(idle, [])
  })

  it('have a place for every dependency, and for nothing else', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    assert.ok(typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest)
    const { dependencies } = manifest
    assert.ok(typeof dependencies === 'object' && dependencies !== null)
    assert.deepEqual(Object.keys(packages).toSorted(), Object.keys(dependencies).toSorted())
  })
})
