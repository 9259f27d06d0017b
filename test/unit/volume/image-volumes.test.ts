import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { EngineInfo } from '../../../src/engine/engine.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { imageId, podUid } from '../../../src/model/ids.ts'
import { ImageVolumes } from '../../../src/volume/image-volumes.ts'
import { aPod, aPodUid } from '../../builders/pod.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'
import { usualInfo } from '../../fakes/usual-info.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** `refuses`: the kernel takes no mount. */
async function aBed(test: TestContext, daemon: Partial<EngineInfo> = {}, refuses = false) {
  const root = await temporaryFolder(test)
  const docker = new FakeDocker()
  const image = docker.addImage('models:1').id
  const engine = new FakeEngine({ docker, nodeName: 'node-1' })
  const calls: string[] = []
  const before = (call: string): void => {
    calls.push(call.replaceAll(root, ''))
    if (refuses) throw new KubeletError('invalid', 'mount failed: exit status 32')
  }
  const mounts = new FakeMounts({ root, before })
  const volumes = new ImageVolumes({
    paths: { root, podLogs: '/var/log/pods' },
    mounts,
    engine,
    daemon: { ...usualInfo, ...daemon },
  })
  return {
    root,
    docker,
    engine,
    image,
    calls,
    mounts,
    mount: (name: string, id = image) => volumes.mount(aPod(), name, id, test.signal),
    tearDown: () => volumes.tearDown(aPodUid, test.signal),
  }
}

const folder = `/pods/${aPodUid}/volumes/kubernetes.io~image`

describe('a volume that is an image', () => {
  it('is its layers, mounted read-only in the folder of the Pod, and held in Docker', async (t) => {
    const { root, docker, mount, mounts } = await aBed(t)
    const path = join(root, folder, 'data')
    assert.deepEqual(await mount('data'), { kind: 'path', path, readOnly: true, mayBeMissing: false })
    const [mounted] = mounts.table.mounts
    assert.partialDeepStrictEqual(mounted, { type: 'overlay', target: path })
    assert.match(mounted?.superOptions.join() ?? '', /ro,lowerdir=\/var\/lib\/docker\/overlay2\/[0-9a-f]+\/diff:/u)
    assert.deepEqual(docker.holds.names, [`${aPodUid}/data`])
  })

  it('is mounted once, though containers ask for it side by side and again', async (t) => {
    const { calls, mount } = await aBed(t)
    await Promise.all([mount('data'), mount('data')])
    await mount('data')
    assert.deepEqual(calls, [`mount overlay ${folder}/data`])
  })

  it('stays what it is when its image is called something else by now', async (t) => {
    const { docker, calls, mount } = await aBed(t)
    await mount('data')
    await mount('data', docker.addImage('models:2').id)
    assert.equal(calls.length, 1)
  })

  it('is mounted anew when nobody has held its layers meanwhile: they may be others', async (t) => {
    const { engine, calls, mount } = await aBed(t)
    await mount('data')
    await engine.releaseImages(podUid(aPodUid), t.signal)
    await mount('data')
    assert.deepEqual(calls.slice(1), [`unmount ${folder}/data`, `mount overlay ${folder}/data`])
  })

  it('is unmounted and let go of with the Pod, its parts first, and nobody is asked for a Pod without any', async (t) => {
    const { docker, engine, calls, mounts, mount, tearDown } = await aBed(t)
    await tearDown()
    assert.deepEqual(engine.calls, [])
    await mount('data')
    await mount('more')
    await tearDown()
    assert.deepEqual(mounts.table.mounts, [])
    assert.deepEqual(calls.slice(2), [`unmount ${folder}/more`, `unmount ${folder}/data`])
    assert.deepEqual(docker.holds.names, [])
  })

  it('is not let go of while it is in use', async (t) => {
    const { root, docker, mounts, mount, tearDown } = await aBed(t)
    await mount('data')
    mounts.table.busy.add(join(root, folder, 'data'))
    await assert.rejects(tearDown(), { code: 'conflict' })
    assert.deepEqual(docker.holds.names, [`${aPodUid}/data`])
  })

  it('of an image that Docker does not have is not found', async (t) => {
    const { mount } = await aBed(t)
    await assert.rejects(mount('data', imageId(`sha256:${'e'.repeat(64)}`)), { code: 'not-found' })
  })

  it("says so where Docker's folders are not the agent's", async (t) => {
    const { mount } = await aBed(t, {}, true)
    await assert.rejects(mount('data'), {
      code: 'unsupported',
      message: /^The layers of the image are not to be seen from here: there is no \/var\/lib\/docker\/overlay2\//u,
    })
  })

  it('is mounted by Docker itself where that keeps no layers in folders', async (t) => {
    const { engine, image, calls, mount, tearDown } = await aBed(t, { storageDriver: 'overlayfs', apiVersion: '1.51' })
    assert.deepEqual(await mount('data'), { kind: 'image', reference: image })
    await tearDown()
    assert.deepEqual([engine.calls, calls], [[], []])
  })

  it('is refused by name where there is no means', async (t) => {
    const { mount } = await aBed(t, { storageDriver: 'vfs' })
    await assert.rejects(mount('data'), {
      code: 'unsupported',
      message: 'Docker 20.10.24 with the storage driver "vfs" can\'t mount images: from 28 on it can',
    })
  })
})
