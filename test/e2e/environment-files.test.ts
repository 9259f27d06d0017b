/**
 * What old API servers don't keep: variables from files, any printable name, all addresses of the
 * node. From manifests, so on any.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, findStatus, hasPhase, podManifest, shell, staying, type PodManifest } from '../support/test-pod.ts'

const standalone = await StandaloneNode.start()
after(() => standalone[Symbol.asyncDispose]())

const volumes = [{ name: 'shared', emptyDir: {} }]
const mounts = [{ name: 'shared', mountPath: '/shared' }]

function fromFile(key: string, more: object = {}): NonNullable<ContainerSpec['env']>[number] {
  return { name: key, valueFrom: { fileKeyRef: { volumeName: 'shared', path: 'a.env', key, ...more } } }
}

/** A Pod whose init container writes a file of variables, of which its container prints those that it has. */
function aPrinter(name: string, file: string, ...env: NonNullable<ContainerSpec['env']>): PodManifest {
  const writer = shell('writer', `printf '%s' "$FILE" > /shared/a.env`, {
    env: [{ name: 'FILE', value: file }],
    volumeMounts: mounts,
  })
  const printer = { ...shell('main', 'env | grep ^X_ | sort'), env }
  return podManifest(name, [printer], { restartPolicy: 'Never', initContainers: [writer], volumes })
}

async function run(manifest: PodManifest): Promise<void> {
  await standalone.write(`${manifest.metadata.name}.yaml`, manifest)
}

async function printed(name: string): Promise<string> {
  const pod = await standalone.until(name, 'over', (seen) => seen !== undefined && hasPhase('Succeeded')(seen))
  return docker('logs', dockerId(pod ?? assert.fail(), 'main'))
}

/** Why its container waits, once it does for its configuration. */
async function refusal(name: string): Promise<string | undefined> {
  const waiting = (pod: Pod | undefined) => pod && findStatus(pod, 'main')?.state?.waiting
  const isRefused = (pod: Pod | undefined) => waiting(pod)?.reason === 'CreateContainerConfigError'
  return waiting(await standalone.until(name, 'refused', isRefused))?.message
}

describe('Variables from a file that an init container wrote', { concurrency: 4 }, () => {
  it('are what it says, over several lines too; one that need not be is left out', async () => {
    const file = "# ours\nX_ONE='1'\n  X_TWO='a $HOME\nb' # two lines\nX_NONE= 'x'\n"
    const optional = { optional: true }
    const env = [fromFile('X_ONE'), fromFile('X_TWO'), fromFile('X_NONE', optional), fromFile('X_ABSENT', optional)]
    await run(aPrinter('files', file, ...env, { name: 'X_SUM', value: '$(X_ONE) and $(X_ABSENT)' }))
    assert.equal(await printed('files'), 'X_ONE=1\nX_SUM=1 and $(X_ABSENT)\nX_TWO=a $HOME')
  })

  it('keep the container from starting where one is missing, or the file is no such file', async () => {
    await run(aPrinter('keyless', "X_ONE='1'\n", fromFile('X_TWO')))
    await run(aPrinter('broken', 'X_ONE=1\n', fromFile('X_ONE', { optional: true })))
    assert.match(
      (await refusal('keyless')) ?? '',
      /^environment variable key "X_TWO" not found in file "\/.*\/a\.env"$/u,
    )
    assert.equal(await refusal('broken'), "couldn't parse env file")
    const line = await standalone.agent.log.first(
      'why "broken" fails',
      ({ msg, pod }) => msg === 'container-failed' && String(pod).includes('/broken-'),
    )
    assert.equal(
      line['detail'],
      'invalid environment variable format at line 1: value must be enclosed in single quotes',
    )
  })

  it('are never those of a file of the node, whatever links the container makes', async () => {
    const secret = join(standalone.folder, 'secret.env')
    await writeFile(secret, "X_ONE='outside'\n")
    const manifest = aPrinter('escape', '', fromFile('X_ONE'))
    const [writer] = manifest.spec.initContainers ?? []
    const command = ['sh', '-c', `ln -sfn ${secret} /shared/a.env`]
    await run({ ...manifest, spec: { ...manifest.spec, initContainers: [{ ...(writer ?? assert.fail()), command }] } })
    assert.equal(await refusal('escape'), "couldn't parse env file")
  })
})

it('A variable may have any printable name', async () => {
  const names = ['a b', '1-2', 'with:colon', '!@#$%^&*()', '-', 'x.y']
  const env = names.map((name, index) => ({ name, value: `v${index}` }))
  await run(podManifest('names', [staying('main', { env })]))
  const pod = await standalone.until(
    'names',
    'ready',
    (seen) => seen !== undefined && findStatus(seen, 'main')?.ready === true,
  )
  const inside = await docker('exec', dockerId(pod ?? assert.fail(), 'main'), 'cat', '/proc/1/environ')
  const variables = inside.split('\0')
  assert.deepEqual(
    names.map((name, index) => variables.includes(`${name}=v${index}`)),
    names.map(() => true),
  )
})

it('A static Pod has the addresses of the node, and no Services where there is no API server', async () => {
  const env = ['status.hostIP', 'status.hostIPs', 'spec.nodeName'].map((fieldPath, index) => ({
    name: `X_${index}`,
    valueFrom: { fieldRef: { fieldPath } },
  }))
  await run(aPrinter('addresses', '', ...env))
  assert.equal(await printed('addresses'), `X_0=127.0.0.1\nX_1=127.0.0.1\nX_2=${standalone.name}`)
})

it('A manifest that names an object of the API, or no such field, is not run, in the API server’s words', async () => {
  await run(podManifest('referring', [staying('main', { envFrom: [{ configMapRef: { name: 'settings' } }] })]))
  const env = [{ name: 'A=B', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }]
  await run(podManifest('mistaken', [staying('main', { env })]))
  const reasons = await Promise.all(
    ['referring', 'mistaken'].map(async (name) => {
      const line = await standalone.agent.log.first(
        `the fault of ${name}`,
        ({ msg, file }) => msg === 'A manifest is not used' && String(file).endsWith(`${name}.yaml`),
      )
      return String(line['reason'])
    }),
  )
  assert.match(
    reasons[0] ?? '',
    /spec\.containers\[0\]\.envFrom\[0\]\.configMapRef: Forbidden: static pods may not reference configmaps/u,
  )
  assert.match(
    reasons[1] ?? '',
    /spec\.containers\[0\]\.env\[0\]\.name: Invalid value: "A=B": a valid environment variable name/u,
  )
  assert.match(
    reasons[1] ?? '',
    /fieldRef\.fieldPath: Unsupported value: "status\.phase": supported values: "metadata\.name"/u,
  )
})

describe('The API server', () => {
  it('hands on variables from files where it knows them, and refuses them where not', async (t) => {
    const node = await TestNode.start()
    t.after(() => node[Symbol.asyncDispose]())
    const manifest = aPrinter('files', "X_ONE='1'\n", fromFile('X_ONE'))
    const minor = await node.kubectl.serverMinor()
    if (minor >= 34) {
      await node.create(manifest)
      const pod = await node.until('files', 'over', hasPhase('Succeeded'))
      assert.equal(await node.logs(pod, 'main'), 'X_ONE=1')
    } else {
      await assert.rejects(node.create(manifest), /unknown field "fileKeyRef"|must specify one of/u)
    }
  })
})
