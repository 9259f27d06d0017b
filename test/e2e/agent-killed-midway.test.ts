import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { labels } from '../../src/model/labels.ts'
import { labelOf, type DockerContainer } from '../support/docker-objects.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, type PodManifest } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** In the order of a Pod's way. */
const moments = [
  'pod-seen',
  'sandbox-created',
  'container-created',
  'sandbox-started',
  'container-started',
  'container-exited',
] as const

const ran = join(node.folder, 'ran')

/** Leaves a line each time that it runs, and must run once. */
function finite(name: string): PodManifest {
  const main = shell('main', `echo ran >>/ran/${name}`, { volumeMounts: [{ name: 'ran', mountPath: '/ran' }] })
  const volumes = [{ name: 'ran', hostPath: { path: ran, type: 'DirectoryOrCreate' } }]
  return podManifest(name, [main], { restartPolicy: 'Never', volumes })
}

/** What a Pod has in Docker, ended or not. */
function kindsOf(containers: readonly DockerContainer[]): readonly string[] {
  return containers.map((container) => labelOf(container, labels.kind)).toSorted()
}

describe('An agent that is killed while it starts ten Pods, and started again, brings up each of them once', () => {
  for (const moment of moments) {
    it(`when it is killed at the third "${moment}"`, async () => {
      const ends = [1, 2, 3, 4, 5].map((number) => `ends-${number}-${moment}`)
      const stays = [1, 2, 3, 4, 5].map((number) => `stays-${number}-${moment}`)
      const { log } = node.agent
      const start = log.items.length
      await node.createAll([...ends.map(finite), ...stays.map((name) => podManifest(name, [staying('main')]))])
      await log.until(`a third "${moment}"`, (lines) =>
        lines.slice(start).filter(({ msg }) => msg === moment).length >= 3 ? true : undefined,
      )
      await node.agent.kill()
      node.restartAgent()

      const pods = await Promise.all([
        ...ends.map((name) => node.until(name, 'over', hasPhase('Succeeded'))),
        ...stays.map((name) => node.until(name, 'ready', isReady)),
      ])
      for (const pod of pods) {
        const { name } = pod.metadata
        assert.deepEqual(kindsOf(await node.containers(pod)), ['container', 'sandbox'], name)
        assert.equal(pod.status?.containerStatuses?.[0]?.restartCount, 0, name)
      }
      for (const name of ends) assert.equal(await readFile(join(ran, name), 'utf8'), 'ran\n', name)
    })
  }
})
