import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, watch, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { recordFile } from '../../src/credentials/records/pulled-record.ts'
import { registryCredentials } from '../integration/support/registry.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, isReady, podManifest, staying, waitsFor } from '../support/test-pod.ts'
import { GuardedRegistry } from './guarded-registry.ts'

/** One registry for what Pods pull with secrets, one for what the node itself may pull. */
const opened = new Opened()
const registry = await opened.open(GuardedRegistry.start())
const nodeRegistry = await opened.open(GuardedRegistry.start())
const node = await opened.open(TestNode.start())

const { username, password } = registryCredentials
/** Docker 20.10 and newer ones have different words for a registry's refusal. */
const refusal = /unauthorized|no basic auth credentials|authentication required/iu

function push(name: string, to = registry): Promise<string> {
  return to.push(name, node.folder)
}

function createSecret(name: string, wrongPassword?: string): Promise<void> {
  return registry.createSecret(node, name, wrongPassword)
}

function puller(name: string, image: string, ...secrets: readonly string[]) {
  return podManifest(name, [staying('main', { image })], {
    imagePullSecrets: secrets.map((secret) => ({ name: secret })),
  })
}

/** Waits until there is no file of that name. */
async function untilAbsent(path: string): Promise<void> {
  const absent = new AbortController()
  const guard = setTimeout(() => absent.abort(new Error(`${path} is still there`)), 60_000)
  try {
    for await (const _ of watch(dirname(path), { signal: absent.signal })) {
      if (!existsSync(path)) return
    }
  } finally {
    clearTimeout(guard)
  }
}

describe('An image that is guarded', { concurrency: 8 }, () => {
  it('is pulled with the secret of the Pod', async () => {
    await createSecret('right')
    await node.createUntil(puller('with-right', await push('right'), 'right'), 'ready', isReady)
  })

  it('is pulled with a secret of the older type', async () => {
    const content = JSON.stringify({ [registry.address]: { username, password } })
    await node.kubectl.feed('create', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'older' },
      type: 'kubernetes.io/dockercfg',
      stringData: { '.dockercfg': content },
    })
    await node.createUntil(puller('with-older', await push('older'), 'older'), 'ready', isReady)
  })

  it('is pulled with the secret of the ServiceAccount', async () => {
    await createSecret('of-account')
    await node.kubectl.feed('create', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'puller' },
      imagePullSecrets: [{ name: 'of-account' }],
    })
    const main = staying('main', { image: await push('account') })
    const manifest = podManifest('with-account', [main], { serviceAccountName: 'puller' })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.deepEqual(pod.spec.imagePullSecrets, [{ name: 'of-account' }])
  })

  it("is not pulled with a wrong secret: the registry's words, then a back-off", async () => {
    await createSecret('wrong', 'guessed')
    await node.create(puller('with-wrong', await push('wrong'), 'wrong'))
    const failed = await node.until('with-wrong', 'refused', waitsFor('main', 'ErrImagePull'))
    assert.match(findStatus(failed, 'main')?.state?.waiting?.message ?? '', refusal)
    const waits = await node.until('with-wrong', 'backing off', waitsFor('main', 'ImagePullBackOff'))
    const { message = '' } = findStatus(waits, 'main')?.state?.waiting ?? {}
    assert.match(message, /^Back-off pulling image ".*": ErrImagePull: /u)
    assert.match(message, refusal)
    const event = await node.untilEvent('with-wrong', 'Failed', 'Failed to pull image')
    assert.match(event.message ?? '', refusal)
  })

  it('is not pulled without a secret', async () => {
    await node.create(puller('with-none', await push('none')))
    const failed = await node.until('with-none', 'backing off', waitsFor('main', 'ImagePullBackOff'))
    assert.match(findStatus(failed, 'main')?.state?.waiting?.message ?? '', refusal)
  })

  it('is pulled when the secret comes late; that it was missing is told', async () => {
    await node.create(puller('with-late', await push('late'), 'late'))
    const { message, type, involvedObject } = await node.untilEvent('with-late', 'FailedToRetrieveImagePullSecret')
    assert.deepEqual(
      [type, message, involvedObject.fieldPath],
      [
        'Warning',
        'Unable to retrieve some image pull secrets (late); attempting to pull the image may not succeed.',
        undefined,
      ],
    )
    await node.until('with-late', 'backing off', waitsFor('main', 'ImagePullBackOff'))
    await createSecret('late')
    await node.until('with-late', 'ready', isReady)
  })

  it('is pulled with a good secret beside one of garbage and one of another type', async () => {
    await createSecret('good')
    await node.kubectl.run('create', 'secret', 'generic', 'typed', '--from-literal=a=b')
    await node.kubectl.feed('create', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'garbage' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [registry.address]: { auth: '!' } } }) },
    })
    const image = await push('garbage')
    await node.createUntil(puller('with-garbage', image, 'garbage', 'typed', 'good'), 'ready', isReady)
    await node.untilEvent('with-garbage', 'FailedToRetrieveImagePullSecret', '(garbage)')
  })

  it('and that one Pod has pulled is lent to no other, but to one with the same secret or a copy of it', async () => {
    await createSecret('lender')
    await createSecret('copy')
    const image = await push('lent')
    await node.createUntil(puller('lends', image, 'lender'), 'ready', isReady)

    await node.create(puller('borrows', image))
    const refused = await node.until('borrows', 'refused', waitsFor('main', 'ErrImagePull'))
    assert.match(findStatus(refused, 'main')?.state?.waiting?.message ?? '', refusal)

    const never = (name: string, ...secrets: readonly string[]) =>
      podManifest(name, [staying('main', { image, imagePullPolicy: 'Never' })], {
        imagePullSecrets: secrets.map((secret) => ({ name: secret })),
      })
    const message = `Container image "${image}" is not present with pull policy of Never`
    const absent = await node.createUntil(never('asks', 'wrong-one'), 'refused', waitsFor('main', 'ErrImageNeverPull'))
    assert.equal(findStatus(absent, 'main')?.state?.waiting?.message, message)
    await node.untilEvent('asks', 'ErrImageNeverPull', message)

    for (const secret of ['lender', 'copy']) {
      await node.createUntil(never(`owns-${secret}`, secret), 'ready', isReady)
      await node.untilEvent(`owns-${secret}`, 'Pulled', 'already present on machine and can be accessed by the pod')
    }
  })

  it('takes what is recorded of it along when it goes from Docker', async () => {
    await createSecret('passing')
    const image = await push('passing')
    await node.createUntil(puller('passes', image, 'passing'), 'ready', isReady)
    const id = await docker('inspect', '--format', '{{.Id}}', image)
    const record = join(node.rootDir, 'image_manager', 'pulled', recordFile(id))
    assert.match(
      await readFile(record, 'utf8'),
      /"kubernetesSecrets":\[\{"uid":"[^"]+","namespace":"[^"]+","name":"passing"/u,
    )
    await node.kubectl.run('delete', 'pod', 'passes', '--wait=false')
    await node.untilGone('passes')
    await docker('rmi', image)
    await untilAbsent(record)
  })

  it("is pulled with the node's own Docker configuration", async () => {
    await using own = await TestNode.start()
    await mkdir(own.rootDir, { recursive: true })
    const auth = Buffer.from(`${username}:${password}`).toString('base64')
    const config = { auths: { [`http://${nodeRegistry.address}/v2/`]: { auth } } }
    await writeFile(join(own.rootDir, 'config.json'), JSON.stringify(config))
    const main = staying('main', { image: await push('own', nodeRegistry) })
    await own.createUntil(podManifest('with-own', [main]), 'ready', isReady)
  })
})
