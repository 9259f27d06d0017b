import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { appendFile, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import type { LogLine } from '../support/agent.ts'
import { docker, repositoryPath } from '../support/command.ts'
import type { DockerContainer } from '../support/docker-objects.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import {
  findStatus,
  dockerId,
  hasPhase,
  isReady,
  podManifest,
  shell,
  staying,
  statusOf,
  type PodManifest,
} from '../support/test-pod.ts'

const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

async function ready(name: string): Promise<Pod> {
  const pod = await node.until(name, 'ready', (seen) => seen !== undefined && isReady(seen))
  assert.ok(pod !== undefined)
  return pod
}

/** Waits for the agent's complaint about a manifest, and returns its words. */
async function complaint(file: string): Promise<string> {
  const isAbout = (line: LogLine): boolean =>
    line.msg === 'A manifest is not used' && String(line['file']).endsWith(file)
  return String((await node.agent.log.first(`a complaint about ${file}`, isAbout))['reason'])
}

/** A Pod that writes into a diary when it starts and when it ends, for which it takes its time. */
function version(number: number): PodManifest {
  const script = `echo ${number} starts >>/diary/all; trap 'sleep 1; echo ${number} ends >>/diary/all; exit 0' TERM; sleep 86400 & wait`
  const volumes = [{ name: 'diary', hostPath: { path: join(node.folder, 'diary'), type: 'DirectoryOrCreate' } }]
  const volumeMounts = [{ name: 'diary', mountPath: '/diary' }]
  return podManifest('changes', [shell('main', script, { volumeMounts })], { volumes })
}

/** Which containers there are, and which process each runs. */
function identities(containers: readonly DockerContainer[]): readonly string[] {
  return containers.map(({ Name, Id, State }) => `${Name} ${Id} ${State.Status} ${State.Pid}`)
}

/** What the versions of a Pod wrote. A container is ready as soon as it runs, which is before it has written anything. */
function diary(): string {
  return readFileSync(join(node.folder, 'diary', 'all'), 'utf8')
}

describe('Without a cluster', { concurrency: 8 }, () => {
  it('the examples run from their files', async () => {
    for (const file of ['hostaliases-pod.yaml', 'emptydir-handover.yaml', 'host-network.yaml'])
      await copyFile(repositoryPath(`deploy/examples/${file}`), join(node.manifests, file))
    const [over, handover, hostNetwork] = await Promise.all([
      node.until('hostaliases-pod', 'over', (pod) => pod !== undefined && hasPhase('Succeeded')(pod)),
      ready('emptydir-handover'),
      ready('host-network'),
    ])
    assert.ok(over !== undefined)
    assert.match(await docker('logs', dockerId(over, 'cat-hosts')), /\n10\.1\.2\.3\tfoo\.remote\tbar\.remote$/u)
    const read = ['exec', dockerId(handover, 'reader'), 'sh', '-c', 'until cat /in/message; do sleep 0.1; done']
    assert.equal(await docker(...read), `handed over by the writer on emptydir-handover-${node.name}`)
    assert.equal(hostNetwork.status?.podIP, '127.0.0.1')
  })

  it('a changed manifest is another Pod, which starts when the one before has ended', async () => {
    await node.write('changes.json', version(1))
    const first = await ready('changes')
    await node.write('changes.json', version(2))
    const second = await node.until(
      'changes',
      'changed',
      (pod) =>
        pod !== undefined && pod.metadata.uid !== first.metadata.uid && isReady(pod) && diary().includes('2 starts\n'),
    )
    assert.notEqual(second, undefined)
    assert.equal(diary(), '1 starts\n1 ends\n2 starts\n')
  })

  it('a manifest that goes and at once comes back ends its Pod and runs it anew, as a restart', async () => {
    const file = join(node.manifests, 'returns.json')
    const manifest = JSON.stringify(podManifest('returns', [staying('main')]))
    await node.write('returns.json', manifest)
    const first = await ready('returns')
    // Without a pause: no look at the folder falls in between.
    rmSync(file)
    writeFileSync(file, manifest)
    const again = await node.until(
      'returns',
      'again',
      (pod) => pod !== undefined && findStatus(pod, 'main')?.restartCount === 1 && isReady(pod),
    )
    assert.equal(again?.metadata.uid, first.metadata.uid)
    assert.equal(statusOf(again, 'main').lastState?.terminated?.containerID, statusOf(first, 'main').containerID)
  })

  it('a manifest that goes takes its Pod along', async () => {
    await node.write('goes.json', podManifest('goes', [staying('main')]))
    const pod = await ready('goes')
    await node.remove('goes.json')
    await node.agent.logged('pod-removed', `goes-${node.name}`)
    assert.equal(await node.find('goes'), undefined)
    assert.deepEqual(
      (await node.containers()).filter(({ Id }) => Id === dockerId(pod, 'main')),
      [],
    )
  })

  it('a file that is no YAML is named, with the line, and used when it is put right', async () => {
    await node.write('no-yaml.yaml', 'apiVersion: v1\nkind: Pod\nmetadata: {name: [\n')
    assert.match(await complaint('no-yaml.yaml'), /no-yaml\.yaml, line \d+: /u)
    await node.write('no-yaml.yaml', podManifest('put-right', [staying('main')]))
    await ready('put-right')
  })

  it('a file that holds no Pod is named', async () => {
    await node.write('service.yaml', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n')
    assert.match(await complaint('service.yaml'), /service\.yaml, line 2: .*Service/u)
  })

  it('a Pod that asks for nonsense is named by line and field', async () => {
    const lines = [
      'apiVersion: v1',
      'kind: Pod',
      'metadata: { name: nonsense }',
      'spec:',
      '  volumes: [{ name: data, emptyDir: {} }]',
      '  containers:',
      '    - name: main',
      '      image: busybox:1.36',
      '      volumeMounts:',
      '        - { name: data, mountPath: /data }',
      '        - { name: data, mountPath: /data }',
    ]
    await node.write('nonsense.yaml', lines.join('\n'))
    assert.match(
      await complaint('nonsense.yaml'),
      /nonsense\.yaml, line 11: spec\.containers\[0\]\.volumeMounts\[1\]\.mountPath: .*must be unique/u,
    )
    assert.equal(await node.find('nonsense'), undefined)
  })

  it('a volume of a kind that nobody knows is named by line and field', async () => {
    const lines = [
      'apiVersion: v1',
      'kind: Pod',
      'metadata: { name: teleporting }',
      'spec:',
      '  volumes:',
      '    - name: data',
      '      teleporter: {}',
      '  containers: [{ name: main, image: "busybox:1.36", command: [sleep, "86400"] }]',
    ]
    await node.write('teleporting.yaml', lines.join('\n'))
    const isAbout = (line: LogLine): boolean => String(line['file']).endsWith('teleporting.yaml')
    const line = await node.agent.log.first('a warning about teleporting.yaml', isAbout)
    assert.equal(line.level, 'warn')
    assert.match(String(line['reason']), /teleporting\.yaml, line 7: spec\.volumes\[0\]\.teleporter: /u)
  })

  it('a file that is written bit by bit is used when it is whole', async () => {
    const text = JSON.stringify(podManifest('bit-by-bit', [staying('main')]))
    const path = join(node.manifests, 'bit-by-bit.json')
    await writeFile(path, text.slice(0, 40))
    await complaint('bit-by-bit.json')
    await appendFile(path, text.slice(40))
    await ready('bit-by-bit')
  })
})

describe('After all of that', () => {
  it('an agent that is killed and started again finds its static Pods as they were', async () => {
    const before = identities(await node.containers())
    await node.agent.kill()
    node.restartAgent()
    await node.write('newcomer.json', podManifest('newcomer', [staying('main')]))
    await ready('newcomer')
    const now = identities(await node.containers())
    assert.deepEqual(now.slice(0, before.length), before)
  })

  it('a manifest that was changed meanwhile is another Pod too, which starts when the one before has ended', async () => {
    const last = await ready('changes')
    await node.agent.kill()
    await node.write('changes.json', version(3))
    node.restartAgent()
    await node.until(
      'changes',
      'changed',
      (pod) =>
        pod !== undefined && pod.metadata.uid !== last.metadata.uid && isReady(pod) && diary().includes('3 starts\n'),
    )
    assert.ok(diary().endsWith('2 starts\n2 ends\n3 starts\n'), diary())
  })
})

describe('With a cluster', () => {
  it('Pods of the folder run beside those of the API server', async () => {
    await mkdir(join(node.folder, 'more'))
    await writeFile(join(node.folder, 'more', 'web.json'), JSON.stringify(podManifest('web', [staying('main')])))
    await using joined = await TestNode.start(`--pod-manifest-path=${join(node.folder, 'more')}`)
    await joined.agent.logged('container-started', `web-${joined.name}`)
    const pod = await joined.createUntil(podManifest('web', [staying('main')]), 'ready', isReady)
    const [first, second] = (await joined.containers()).filter(({ Name }) => Name.startsWith('/k8s_main_'))
    assert.ok(first !== undefined && second !== undefined)
    assert.ok(first.Name.startsWith(`/k8s_main_web-${joined.name}_default_`), first.Name)
    assert.equal(second.Id, dockerId(pod, 'main'))
    assert.deepEqual([first.State.Running, second.State.Running], [true, true])
  })
})
