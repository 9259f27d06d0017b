import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { repositoryPath } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, statusOf } from '../support/test-pod.ts'
import { applyExample } from './examples.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** Waits until a file in a container says this. */
async function untilSays(pod: Pod, container: string, file: string, text: string): Promise<void> {
  const script = 'until grep -qF "$1" "$2"; do sleep 0.1; done'
  await node.exec(pod, container, 'sh', '-c', script, 'sh', text, file)
}

describe('The examples with volumes', { concurrency: 8 }, () => {
  it('test-projected-volume has two Secrets in one folder and a third one beside it; a change of one follows', async () => {
    await applyExample(node, 'test-projected-volume.yaml')
    const pod = await node.until('test-projected-volume', 'ready', isReady)
    const read = (...files: readonly string[]): Promise<string> =>
      node.exec(pod, 'test-secret-volume', 'sh', '-c', `head ${files.join(' ')}`)
    assert.equal(
      await read('/projected-volume/*', '/mysecret/*'),
      [
        '==> /projected-volume/password.txt <==\nc1oudc0w!\n==> /projected-volume/username.txt <==\nadmin',
        '==> /mysecret/pass <==\n1f2d1e2e67df\n==> /mysecret/user <==\nadmin',
      ].join('\n'),
    )
    const touch = 'touch /projected-volume/mine 2>&1; touch /projected-volume/username.txt 2>&1; true'
    assert.equal(
      await node.exec(pod, 'test-secret-volume', 'sh', '-c', touch),
      [
        'touch: /projected-volume/mine: Read-only file system',
        'touch: /projected-volume/username.txt: Read-only file system',
      ].join('\n'),
    )
    await node.kubectl.run('patch', 'secret', 'pass', '--patch', '{"stringData":{"password.txt":"an0ther"}}')
    await untilSays(pod, 'test-secret-volume', '/projected-volume/password.txt', 'an0ther')
    assert.equal(await read('/projected-volume/username.txt'), 'admin')
    assert.equal(
      statusOf(await node.until('test-projected-volume', 'ready', isReady), 'test-secret-volume').restartCount,
      0,
    )
  })

  it('test-properties has a file of settings as a file, which follows, and in the environment, which stays', async () => {
    const file = repositoryPath('deploy/examples/test.properties')
    const text = await readFile(file, 'utf8')
    await node.kubectl.run('create', 'configmap', 'test-config', `--from-file=${file}`)
    await applyExample(node, 'test-properties.yaml')
    const pod = await node.until('test-properties', 'ready', isReady)
    const environment = (): Promise<string> => node.exec(pod, 'main', 'sh', '-c', 'echo "$TEST_PROPERTIES"')
    assert.equal(await node.exec(pod, 'main', 'cat', '/etc/config/test.properties'), text.trim())
    assert.equal(await environment(), text.trim())
    const patch = { data: { 'test.properties': `${text}color.new=green\n`, 'more.properties': 'more=yes\n' } }
    await node.kubectl.run('patch', 'configmap', 'test-config', '--patch', JSON.stringify(patch))
    await untilSays(pod, 'main', '/etc/config/test.properties', 'color.new=green')
    assert.equal(await node.exec(pod, 'main', 'cat', '/etc/config/more.properties'), 'more=yes')
    assert.equal(await environment(), text.trim())
  })

  it('kubernetes-downwardapi-volume-example reads about itself; labels and annotations follow', async () => {
    const name = 'kubernetes-downwardapi-volume-example'
    await applyExample(node, 'downwardapi-volume.yaml')
    const pod = await node.until(name, 'ready', isReady)
    const printed = await node.untilPrinted(pod, 'client-container', 'mem_request:\n32\n')
    const [labels = '', rest = ''] = printed.split('annotations:\n')
    assert.equal(labels, 'labels:\ncluster="test-cluster1"\nrack="rack-22"\nzone="us-est-coast"\n')
    assert.match(rest, /^build="two"$/mu)
    assert.match(rest, /^builder="john-doe"$/mu)
    assert.match(rest, /^kubernetes\.io\/config\.source="api"$/mu)
    assert.match(rest, /\ncpu_limit:\n250\ncpu_request:\n125\nmem_limit:\n64\nmem_request:\n32\n$/u)
    await node.kubectl.run('label', 'pod', name, 'rack=rack-23', '--overwrite')
    await untilSays(pod, 'client-container', '/etc/podinfo/labels', 'rack="rack-23"')
    await node.kubectl.run('annotate', 'pod', name, 'build=three', '--overwrite')
    await untilSays(pod, 'client-container', '/etc/podinfo/annotations', 'build="three"')
    await node.untilPrinted(pod, 'client-container', 'rack="rack-23"')
  })
})
