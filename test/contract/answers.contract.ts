/** What the agent makes of an API server's answers, be they recorded long ago (test/recorded) or a moment before. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { KubeletError } from '../../src/model/errors.ts'
import { keptFields, newFields } from '../recorded/new-fields.ts'
import type { Exchange, Recording } from '../recorded/recording.ts'
import { ReplayServer } from '../recorded/replay-server.ts'
import { scenes, type Scene } from '../recorded/scenes.ts'
import { keyOf } from './cluster/tools.ts'

export function answersContract(name: string, recorded: () => Promise<Recording>): void {
  describe(`What ${name} answers`, () => {
    let recording: Recording
    let minor = 0
    before(async () => {
      recording = await recorded()
      minor = Number(/^v1\.(\d+)/u.exec(recording.version)?.[1])
    })

    /** A scene again, the recorded answers in the place of the server, which must be asked just that. */
    async function played<S extends Scene>(scene: S): Promise<Awaited<ReturnType<(typeof scenes)[S]>>> {
      await using server = await ReplayServer.start(said(scene))
      const { cluster, client } = server
      try {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/await-thenable -- the scene's own answer
        return (await scenes[scene]({ ...recording, cluster, client })) as Awaited<ReturnType<(typeof scenes)[S]>>
      } finally {
        assert.deepEqual(server.left, [])
      }
    }
    const said = (scene: Scene): readonly Exchange[] => recording.scenes[scene] ?? []

    async function refused(scene: Scene): Promise<KubeletError> {
      const fault: unknown = await played(scene).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.ok(fault instanceof KubeletError, `${scene} is refused`)
      return fault
    }

    it('is its version', async () => {
      assert.equal(await played('version'), recording.version)
    })

    it('is a Pod with the fields that a server of its release keeps, and without what says who wrote them', async () => {
      const { items } = await played('pods')
      const [pod] = items
      assert.deepEqual(items.map(keyOf), [recording.pod])
      const kept = Object.entries(newFields).filter(([, since]) => since <= minor)
      assert.deepEqual(
        keptFields(pod),
        kept.map(([path]) => path),
      )
      assert.match(JSON.stringify(said('pods')[0]?.answer), /"managedFields":/u)
      assert.doesNotMatch(JSON.stringify(pod), /"managedFields":/u)
    })

    it('is a list in pages, of which each says where the next begins and the last is the end', async () => {
      const { items, resourceVersion } = await played('services')
      const pages = said('services')
      assert.ok(pages.length > 1, 'there is more than a page')
      assert.match(JSON.stringify(pages[0]?.answer), /"continue":"[^"]+".*"remainingItemCount":[1-9]/u)
      const ours = items.filter(({ metadata }) => metadata.namespace === recording.namespace)
      assert.deepEqual(
        ours.map(({ metadata }) => metadata.name),
        ['a', 'b', 'c'],
      )
      assert.match(resourceVersion, /^\d+$/u)
    })

    it('is a watch of what came after the list; bookmarks in it say only how far the server is', async () => {
      const events = await played('watch')
      const [first, ...others] = events.filter(({ kind }) => kind !== 'bookmark')
      assert.ok(first?.kind === 'set')
      assert.deepEqual([keyOf(first.object), others], [recording.pod, []])
      const bookmarks = events.flatMap((event) => (event.kind === 'bookmark' ? [Number(event.resourceVersion)] : []))
      for (const version of bookmarks) assert.ok(version >= Number(first.object.metadata.resourceVersion))
    })

    it('is an error 410 inside the watch where it has forgotten so long ago, or all that was since', async () => {
      const [line] = said('watchFromLongAgo')[0]?.answer ?? []
      if (!JSON.stringify(line).includes('"ERROR"')) {
        assert.deepEqual((await played('watchFromLongAgo')).map(({ kind }) => kind)[0], 'set')
        return
      }
      const { code, message } = await refused('watchFromLongAgo')
      assert.equal(code, 'gone')
      assert.match(message, /too old resource version: 1 \(\d+\) \(HTTP 410\)$/u)
    })

    it('is a list as a watch from 1.34 on, which reads as any watch; old servers refuse to be asked so', async () => {
      if (minor < 34) {
        if (minor < 27) assert.equal((await refused('streamingList')).code, 'invalid')
        return
      }
      const events = await played('streamingList')
      assert.deepEqual(
        events.slice(0, 2).map(({ kind }) => kind),
        ['set', 'bookmark'],
      )
      assert.match(JSON.stringify(said('streamingList')[0]?.answer[1]), /"k8s.io\/initial-events-end":"true"/u)
    })

    it('is a status with what it keeps of it: resources and generations from 1.33 on', async () => {
      const { status } = await played('status')
      const [container] = status?.containerStatuses ?? []
      assert.deepEqual([container?.name, status?.conditions?.[0]?.type], ['main', 'Ready'])
      const kept = [
        status?.observedGeneration,
        status?.conditions?.[0]?.observedGeneration,
        container?.allocatedResources,
      ]
      const told = kept.map((value) => value !== undefined)
      if (minor >= 35) assert.deepEqual(told, [true, true, true])
      if (minor <= 26) assert.deepEqual(told, [false, false, false])
    })

    it('is a conflict where another Pod has the name by now, whatever the server calls that', async () => {
      for (const scene of ['statusOfAnother', 'deletionOfAnother'] as const) {
        assert.equal((await refused(scene)).code, 'conflict', scene)
      }
    })

    it('is that a Pod is not there, which new servers say by forbidding to look', async () => {
      assert.equal((await refused('absentPod')).code, 'not-found')
      assert.equal(said('absentPod')[0]?.status, minor >= 32 ? 403 : 404)
      const { code, reason } = await refused('absentRuntimeClass')
      assert.deepEqual([code, reason], ['not-found', 'runtimeclasses.node.k8s.io "absent" not found'])
    })

    it('is what a node may not, by whom and what', async () => {
      const { code, reason = '' } = await refused('forbidden')
      assert.equal(code, 'forbidden')
      assert.ok(reason.startsWith(`secrets is forbidden: User "system:node:${recording.nodeName}" cannot list`), reason)
    })

    it('is what is wrong with an object, field by field', async () => {
      const { code, reason = '' } = await refused('invalid')
      assert.equal(code, 'invalid')
      assert.match(reason, /involvedObject\.namespace: Invalid value: "another": does not match event\.namespace/u)
    })

    it('is a lease, and that it is there already or has changed meanwhile', async () => {
      assert.equal((await played('lease')).spec?.holderIdentity, recording.nodeName)
      assert.equal((await refused('leaseAgain')).code, 'conflict')
      assert.equal((await refused('oldLease')).code, 'conflict')
    })

    it('is to come back later, and when, from a server that has too much to do', async () => {
      const exchanges = said('throttled')
      // Older ones cannot be told to refuse anybody.
      if (exchanges.length === 0) return assert.ok(minor < 29)
      const { code, status, retryAfterSeconds } = await refused('throttled')
      assert.deepEqual([code, status, retryAfterSeconds], ['throttled', 429, 1])
    })

    it('warns of no path that the agent takes, though it does of others', () => {
      assert.match(said('deprecated')[0]?.headers['warning'] ?? '', /is deprecated/u)
      const { deprecated: _, ...taken } = recording.scenes
      const warned = Object.values(taken).flatMap((exchanges) => exchanges.filter(({ headers }) => headers['warning']))
      assert.deepEqual(warned, [])
    })
  })
}
