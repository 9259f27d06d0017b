import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { aContainer } from '../../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { statusOf } from '../main-container.ts'
import { told } from '../told.ts'

function running(securityContext: NonNullable<ContainerSpec['securityContext']>): { readonly spec: Partial<PodSpec> } {
  return { spec: { containers: [aContainer({ securityContext })] } }
}

/** Why container `main` waits, when that has been told. */
async function waitingOf(node: NodeInMemory) {
  await node.advance(1000)
  return statusOf(node).state?.waiting
}

/** The events that tell of something wrong. */
function warnings(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((line) => line.startsWith('Warning'))
}

describe("a container's security context", () => {
  it("lets it run as its image's user where nobody is told, at no call to Docker", async (t) => {
    await using node = await aNode(t)
    node.docker.setUser('busybox:1.36', 'nginx:nginx')
    await node.run({ name: 'web' })
    assert.equal(node.container('main 0').request.body.User, 'nginx')
    assert.equal(node.takeCalls().filter((call) => call.startsWith('inspectImage busybox')).length, 1)
  })

  it('lets no root in where that is forbidden: told, and tried again', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web', ...running({ runAsNonRoot: true }) })
    const message = `container has runAsNonRoot and image will run as root (pod: "web_default(${metadata.uid})", container: main)`
    assert.deepEqual(await waitingOf(node), { reason: 'CreateContainerConfigError', message })
    assert.deepEqual(warnings(node), [`Warning Failed Error: ${message}`])
  })
})

describe('a seccomp profile of the node', () => {
  const asked = running({ seccompProfile: { type: 'Localhost', localhostProfile: 'team/audit.json' } })

  async function profile(node: NodeInMemory, text: string): Promise<string> {
    const path = join(node.root, 'seccomp/team/audit.json')
    await mkdir(join(node.root, 'seccomp/team'), { recursive: true })
    await writeFile(path, text)
    return path
  }

  it('goes to Docker without the space between its words, number by number', async (t) => {
    await using node = await aNode(t)
    await profile(node, '{ "defaultAction": "SCMP_ACT_LOG",\n\t"a \\" b": [18446744073709551615 , 1] }\n')
    await node.run({ name: 'web', ...asked })
    assert.deepEqual(node.container('main 0').request.body.HostConfig.SecurityOpt, [
      String.raw`seccomp={"defaultAction":"SCMP_ACT_LOG","a \" b":[18446744073709551615,1]}`,
    ])
  })

  const words =
    'failed to generate security options for container "main": failed to generate seccomp security options for container: '

  it('that is missing keeps the container from being made, until it is there', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', ...asked })
    const path = join(node.root, 'seccomp/team/audit.json')
    const message = `${words}cannot load seccomp profile "${path}": open ${path}: no such file or directory`
    assert.deepEqual(await waitingOf(node), { reason: 'CreateContainerError', message })
    assert.deepEqual(warnings(node), [`Warning Failed Error: ${message}`])
    await profile(node, '{}')
    await node.advance(10_000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('that is a folder is no profile', async (t) => {
    await using node = await aNode(t)
    const path = join(node.root, 'seccomp/team/audit.json')
    await mkdir(path, { recursive: true })
    await node.run({ name: 'web', ...asked })
    const message = `${words}cannot load seccomp profile "${path}": read ${path}: is a directory`
    assert.deepEqual(await waitingOf(node), { reason: 'CreateContainerError', message })
  })

  for (const text of ['{', '', '[1]', 'null', '"{}"']) {
    it(`is none that is ${JSON.stringify(text)}`, async (t) => {
      await using node = await aNode(t)
      const path = await profile(node, text)
      await node.run({ name: 'web', ...asked })
      const waiting = await waitingOf(node)
      assert.equal(waiting?.reason, 'CreateContainerError')
      assert.ok(waiting.message?.startsWith(`${words}decoding seccomp profile failed "${path}": `))
    })
  }

  it('without a name is refused before Docker is asked', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', ...running({ seccompProfile: { type: 'Localhost' } }) })
    assert.deepEqual(await waitingOf(node), {
      reason: 'CreateContainerConfigError',
      message: 'localhostProfile must be set if seccompProfile type is Localhost.',
    })
  })
})

describe("a sandbox's security context", () => {
  it('cannot have users of its own', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { hostUsers: false } })
    assert.deepEqual(warnings(node), [
      "Warning FailedCreatePodSandBox Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    ])
    assert.deepEqual(node.containers, [])
    assert.equal(node.status('web')?.phase, 'Pending')
  })

  it('has no group without a user', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { securityContext: { runAsGroup: 5 } } })
    assert.deepEqual(warnings(node), [
      'Warning FailedCreatePodSandBox Failed to create pod sandbox: failed to make sandbox docker config for pod "web": runAsGroup is specified without a runAsUser',
    ])
  })
})
