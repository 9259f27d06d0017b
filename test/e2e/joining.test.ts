/** A machine becomes a node with a bootstrap token, on a real API server. */
import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { nodeKubeconfig } from '../../src/certificates/client/node-kubeconfig.ts'
import { resolveCredentials } from '../../src/cluster/resolve-credentials.ts'
import { FakeAuthority } from '../fakes/fake-authority.ts'
import type { Agent } from '../support/agent.ts'
import { run } from '../support/command.ts'
import { issuedPair } from '../support/issued-pair.ts'
import { JoiningNode } from '../support/joining-node.ts'
import { openssl } from '../support/openssl.ts'

const signer = 'kubernetes.io/kube-apiserver-client-kubelet'

/** The request that an agent says it waits for. */
async function waitsFor(agent: Agent): Promise<string> {
  const { request } = await agent.log.first('a word about waiting', ({ msg }) =>
    msg.startsWith('The node asks for its certificate, and waits'),
  )
  return String(request)
}

async function registered(agent: Agent): Promise<void> {
  await agent.log.first('a registered node', ({ msg }) => msg === 'The node is registered')
}

describe('A node that joins with a bootstrap token', () => {
  it('waits for its approval, and is a node from then on, also when it starts again', async () => {
    await using node = await JoiningNode.make('ask')
    const agent = node.start()
    const request = await waitsFor(agent)
    assert.match(request, /^node-csr-[\w-]{43}$/u)
    assert.equal((await stat(join(node.pki, 'kubelet-client.key.tmp'))).mode & 0o777, 0o600)
    await node.kubectl.run('certificate', 'approve', request)
    await registered(agent)

    const files = (await readdir(node.pki)).filter((name) => name.startsWith('kubelet-client'))
    assert.equal(files.length, 2, files.join())
    const current = join(node.pki, 'kubelet-client-current.pem')
    assert.match(await run('readlink', current), /\/kubelet-client-\d{4}(?:-\d\d){5}\.pem$/u)
    assert.equal((await stat(current)).mode & 0o777, 0o600)
    assert.equal((await stat(node.kubeconfig)).mode & 0o777, 0o600)
    const subject = await openssl(['x509', '-noout', '-subject', '-in', current])
    assert.equal(subject, `subject=O = system:nodes, CN = system:node:${node.name}\n`)
    const asNode = await node.kubectl.run('--kubeconfig', node.kubeconfig, 'get', 'node', node.name, '-o', 'name')
    assert.equal(asNode, `node/${node.name}`)

    await agent.stop()
    await registered(node.start())
    assert.deepEqual(node.requests(), [request])
  })

  it('goes on with the same key and request when it was killed while it waited', async () => {
    await using node = await JoiningNode.make('ask')
    const first = node.start()
    const request = await waitsFor(first)
    const key = await readFile(join(node.pki, 'kubelet-client.key.tmp'), 'utf8')
    await first.kill()
    const second = node.start()
    assert.equal(await waitsFor(second), request)
    await second.kill()
    // Approved while nobody waits.
    await node.kubectl.run('certificate', 'approve', request)
    await registered(node.start())
    assert.deepEqual(node.requests(), [request])
    assert.ok((await readFile(join(node.pki, 'kubelet-client-current.pem'), 'utf8')).endsWith(key))
  })

  it('needs nobody where the cluster approves of its token', async () => {
    await using node = await JoiningNode.make('ask', 'be approved')
    await registered(node.start('--rotate-certificates'))
    const [request, ...more] = node.requests()
    assert.match(request ?? '', /^node-csr-/u)
    assert.deepEqual(more, [])
  })

  it('ends with a word about it when its request is denied, and again at the next start', async () => {
    await using node = await JoiningNode.make('ask')
    const agent = node.start()
    const request = await waitsFor(agent)
    await node.kubectl.run('certificate', 'deny', request)
    for (const denied of [agent, node.start()]) {
      const text = `minikubelet: certificate signing request "${request}" is denied, reason: KubectlDeny,`
      await denied.log.first('a complaint', ({ level, msg }) => level === 'stderr' && msg.startsWith(text))
      assert.deepEqual(await denied.ended(), { code: 1, signal: null })
    }
    assert.deepEqual(node.requests(), [request])
  })

  it('can be told to end while it waits', async () => {
    await using node = await JoiningNode.make('ask')
    const agent = node.start()
    await waitsFor(agent)
    assert.deepEqual(await agent.stop(), { code: 0, signal: null })
  })

  it('ends with the words of the server when its token may not ask', async () => {
    await using node = await JoiningNode.make()
    const agent = node.start()
    await agent.log.first(
      'a complaint',
      ({ level, msg }) =>
        level === 'stderr' && /Cannot create certificate signing request "node-csr-.*is forbidden/u.test(msg),
    )
    assert.deepEqual(await agent.ended(), { code: 1, signal: null })
  })

  it('joins anew when its certificate has ended', async () => {
    await using node = await JoiningNode.make('ask', 'be approved')
    const ended = await issuedPair(new FakeAuthority(), Date.now() - 7_200_000, Date.now() - 3_600_000)
    const path = join(node.folder, 'ended.pem')
    await writeFile(path, ended.certificatePem + ended.keyPem)
    const bootstrap = await resolveCredentials(join(node.folder, 'bootstrap'))
    await writeFile(node.kubeconfig, nodeKubeconfig(bootstrap, path))
    const agent = node.start()
    await agent.log.first('a word about it', ({ msg }) => msg.startsWith('The certificate of the node has ended'))
    await registered(agent)
    const { files } = await resolveCredentials(node.kubeconfig)
    assert.equal(files.certificate, join(node.pki, 'kubelet-client-current.pem'))
  })

  it("asks for another certificate at once where its kubeconfig holds one of somebody else's making", async () => {
    await using node = await JoiningNode.make('ask', 'be approved')
    await (await joined(node)).stop()
    const before = await embedded(node)
    const agent = node.start('--rotate-certificates')
    const renewing = await node.untilRequest(
      signer,
      'as the node',
      ({ spec }) => spec.username === `system:node:${node.name}`,
    )
    await node.kubectl.run('certificate', 'approve', renewing.metadata.name)
    await agent.log.first('a new certificate', ({ msg }) => msg === 'There is a new certificate')
    await registered(agent)
    assert.notEqual(await readFile(join(node.pki, 'kubelet-client-current.pem'), 'utf8'), before)
  })
})

async function joined(node: JoiningNode): Promise<Agent> {
  const agent = node.start()
  await registered(agent)
  return agent
}

/** Puts the node's certificate into its kubeconfig, as old installations have it, and takes it away from where it was. */
async function embedded(node: JoiningNode): Promise<string> {
  const { certificate = '', key = '' } = await resolveCredentials(node.kubeconfig)
  const user = {
    'client-certificate-data': Buffer.from(certificate).toString('base64'),
    'client-key-data': Buffer.from(key).toString('base64'),
  }
  const view = ['--kubeconfig', node.kubeconfig, 'config', 'view', '--raw', '--flatten', '-o', 'json']
  const config: object = JSON.parse(await node.kubectl.run(...view))
  await writeFile(node.kubeconfig, JSON.stringify({ ...config, users: [{ name: 'default-auth', user }] }))
  await run('rm', '-r', node.pki)
  return certificate
}
