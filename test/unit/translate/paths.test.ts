import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podUid } from '../../../src/model/ids.ts'
import {
  containerLogPath,
  hostsFilePath,
  podDirectory,
  podsDirectory,
  terminationMessageFile,
  volumeDirectory,
} from '../../../src/translate/paths.ts'

const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }

describe('paths on the node', () => {
  it("are the kubelet's, under our root", () => {
    assert.deepEqual(
      {
        pods: podsDirectory(paths),
        pod: podDirectory(paths, 'uid'),
        hosts: hostsFilePath(paths, 'uid'),
        volume: volumeDirectory(paths, 'uid', 'kubernetes.io/empty-dir', 'cache'),
        message: terminationMessageFile(paths, 'uid', 'main', 255),
        log: containerLogPath(paths, { uid: podUid('uid'), namespace: 'ns', name: 'web' }, 'main', 7),
      },
      {
        pods: '/var/lib/minikubelet/pods',
        pod: '/var/lib/minikubelet/pods/uid',
        hosts: '/var/lib/minikubelet/pods/uid/etc-hosts',
        volume: '/var/lib/minikubelet/pods/uid/volumes/kubernetes.io~empty-dir/cache',
        message: '/var/lib/minikubelet/pods/uid/containers/main/000000ff',
        log: '/var/log/pods/ns_web_uid/main/7.log',
      },
    )
  })

  it('are the same for a root that ends with a slash', () => {
    assert.equal(podDirectory({ ...paths, root: '/var/lib/minikubelet/' }, 'uid'), '/var/lib/minikubelet/pods/uid')
  })

  for (const uid of ['', '.', '..', '../..', 'a/b', '/etc', '../other', '-rf', 'a\nb']) {
    it(`never follow the UID ${JSON.stringify(uid)}, which is no name of a folder`, () => {
      assert.throws(() => podDirectory(paths, uid), {
        code: 'invalid',
        message: `The Pod UID "${uid}" is no name of a folder`,
      })
    })
  }
})
