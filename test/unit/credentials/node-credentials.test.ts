import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { NodeCredentials } from '../../../src/credentials/node-credentials.ts'
import type { Logger } from '../../../src/util/log.ts'
import { helperOnPath } from './helper-on-path.ts'

const { signal } = new AbortController()
const image = 'registry.test/app:1'

/** A node with these files; `users` are the names that it would pull with. */
async function aNode(test: TestContext, files: Readonly<Record<string, unknown>>) {
  const root = await mkdtemp(join(tmpdir(), 'minikubelet-config-'))
  test.after(() => rm(root, { recursive: true }))
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const log: Logger = { trace: warn, debug: warn, info: warn, warn, error: warn, child: () => log }
  const write = async (name: string, content: unknown): Promise<void> => {
    const path = join(root, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  }
  for (const [name, content] of Object.entries(files)) await write(name, content)
  const [rootDir, workingDir, homeDir] = ['root', 'cwd', 'home'].map((name) => join(root, name))
  const node = new NodeCredentials({
    rootDir: rootDir ?? '',
    workingDir: workingDir ?? '',
    homeDir: homeDir ?? '',
    log,
  })
  const users = async (wanted = image) => (await node.find(wanted, signal)).map(({ username }) => username)
  return { users, write, warnings }
}

function login(username: string) {
  return { 'registry.test': { username, password: 'p' } }
}

describe("the node's own Docker configuration", () => {
  it('is the first file of the order that can be read', async (t) => {
    const order: readonly (readonly [file: string, content: unknown])[] = [
      ['root/config.json', { auths: login('first') }],
      ['cwd/config.json', { auths: login('second') }],
      ['home/.docker/config.json', { auths: login('third') }],
      ['root/.dockercfg', login('fourth')],
      ['cwd/.dockercfg', login('fifth')],
      ['home/.dockercfg', login('sixth')],
    ]
    for (const [index, expected] of ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].entries()) {
      const { users, warnings } = await aNode(t, Object.fromEntries(order.slice(index)))
      assert.deepEqual(await users(), [expected])
      assert.deepEqual(warnings, [])
    }
    assert.deepEqual(await (await aNode(t, {})).users(), [])
  })

  it('passes over garbage, with a warning, and over what says nothing of registries', async (t) => {
    const files = { 'root/config.json': 'garbage', 'cwd/config.json': { port: 80 }, 'home/.dockercfg': login('u') }
    const { users, warnings } = await aNode(t, files)
    assert.deepEqual(await users(), ['u'])
    assert.deepEqual(warnings, ['A Docker configuration file is passed over'])
  })

  it('is read again after five minutes', async (t) => {
    t.mock.timers.enable({ apis: ['Date'] })
    const { users, write } = await aNode(t, { 'root/config.json': { auths: login('old') } })
    assert.deepEqual(await users(), ['old'])
    await write('root/config.json', { auths: login('new') })
    t.mock.timers.tick(299_999)
    assert.deepEqual(await users(), ['old'])
    t.mock.timers.tick(1)
    assert.deepEqual(await users(), ['new'])
  })

  it('asks the helper of a registry, then the one for all, before its own entries', async (t) => {
    await helperOnPath(t, 'all', String.raw`printf '{"Username":"all %s","Secret":"s"}' "$(cat)"`)
    await helperOnPath(t, 'own', `echo '{"Username":"own","Secret":"s"}'`)
    const config = { auths: login('entry'), credsStore: 'all', credHelpers: { 'own.test': 'own' } }
    const { users } = await aNode(t, { 'root/config.json': config })
    assert.deepEqual(await users(), ['all registry.test', 'entry'])
    assert.deepEqual(await users('own.test/app'), ['own'])
    assert.deepEqual(await users('busybox'), ['all https://index.docker.io/v1/'])
  })

  it('goes on without a helper that fails, with a warning', async (t) => {
    const { users, warnings } = await aNode(t, {
      'root/config.json': { auths: login('entry'), credsStore: 'no-such-helper' },
    })
    assert.deepEqual(await users(), ['entry'])
    assert.deepEqual(warnings, ['A Docker credential helper is no help'])
  })
})
