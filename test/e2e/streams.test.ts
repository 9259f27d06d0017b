import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { runWithInput } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, hasPhase, isReady, podManifest, shell } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** Writes down what it reads, line by line, until there is no more. */
const readsLines = 'while read line; do echo "read $line"; done; echo over; [ "$line" != stay ]'

async function ready(name: string, change: Partial<ContainerSpec>) {
  const manifest = podManifest(name, [shell('main', readsLines, change)], { restartPolicy: 'Never' })
  return node.createUntil(manifest, 'ready', isReady)
}

describe('The standard input of a container', { concurrency: 4 }, () => {
  it('is at its end at once where nobody asks for one', async () => {
    const manifest = podManifest('none', [shell('main', readsLines)], { restartPolicy: 'Never' })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'main'), 'over')
  })

  it('ends with the first who attaches under stdinOnce', async () => {
    const pod = await ready('once', { stdin: true, stdinOnce: true })
    await runWithInput('hello\n', 'docker', 'attach', dockerId(pod, 'main'))
    const last = await node.until('once', 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(last, 'main'), 'read hello\nover')
  })

  it('stays open for those who come later without it', async () => {
    const pod = await ready('open', { stdin: true })
    const attach = (line: string) =>
      runWithInput(`${line}\n`, 'docker', 'attach', dockerId(pod, 'main')).catch(() => 'it was killed meanwhile')
    const first = attach('first')
    await node.untilPrinted(pod, 'main', 'read first')
    const second = attach('second')
    await node.untilPrinted(pod, 'main', 'read second')
    await node.kubectl.run('delete', 'pod', 'open', '--force', '--grace-period=0')
    await Promise.all([first, second])
  })

  it('is a terminal under tty, and none without', async () => {
    const said = async (name: string, change: Partial<ContainerSpec>): Promise<string> => {
      const manifest = podManifest(name, [shell('main', 'tty; test -t 1 && echo shown', change)], {
        restartPolicy: 'Never',
      })
      const pod = await node.createUntil(manifest, 'over', ({ status }) =>
        ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
      )
      return (await node.logs(pod, 'main')).replaceAll('\r', '')
    }
    assert.equal(await said('terminal', { stdin: true, tty: true }), '/dev/pts/0\nshown')
    assert.equal(await said('no-terminal', { stdin: true }), 'not a tty')
  })
})
