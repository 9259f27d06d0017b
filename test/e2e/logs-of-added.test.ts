import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { Printing } from '../support/printing.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'
import { Debugger } from './debugging.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
opened.defer(() => rm(folder, { recursive: true }))
const node = await opened.open(TestNode.start(`--pod-manifest-path=${folder}`))
const kubectlDebug = await opened.open(Debugger.start(node))

describe('kubectl logs', { concurrency: 2 }, () => {
  it('shows a static Pod by its mirror, its sidecar too', async () => {
    const side = shell('side', `echo side; ${untilTold}`, { restartPolicy: 'Always' })
    const main = shell('main', "trap 'echo bye; exit 0' TERM; echo main; sleep 86400 & wait")
    const manifest = podManifest('static', [main], { initContainers: [side] })
    const file = join(folder, 'static.json')
    await writeFile(`${file}.new`, JSON.stringify({ ...manifest, metadata: { name: 'static', namespace: node.name } }))
    await rename(`${file}.new`, file)
    const name = `static-${node.name}`
    await node.until(name, 'ready', isReady)
    await using followed = new Printing(node.kubectl, 'logs', '-f', name, '-c', 'main')
    await followed.until('main\n')
    await using sidecar = new Printing(node.kubectl, 'logs', '-f', name, '-c', 'side')
    await sidecar.until('side\n')
    await rm(file)
    assert.equal(await followed.end(), 'main\nbye\n')
    assert.equal(await sidecar.end(), 'side\n')
  })

  it('shows an ephemeral container, while it runs and when it has ended', async () => {
    await node.createUntil(podManifest('debugged', [staying('main')]), 'ready', isReady)
    const script = 'echo here; until [ -e /go ]; do sleep 0.1; done; echo over'
    await kubectlDebug.add('debugged', shell('debug', script))
    const debug = (pod: Pod) => pod.status?.ephemeralContainerStatuses?.find(({ name }) => name === 'debug')
    const pod = await node.until('debugged', 'debugged', (seen) => debug(seen)?.state?.running !== undefined)
    const args = ['debugged', '-c', 'debug']
    await using followed = new Printing(kubectlDebug, 'logs', '-f', ...args)
    await followed.until('here\n')
    await docker('exec', debug(pod)?.containerID?.replace('docker://', '') ?? '', 'touch', '/go')
    assert.equal(await followed.end(), 'here\nover\n')
    await node.until('debugged', 'over', (seen) => debug(seen)?.state?.terminated !== undefined)
    await using again = new Printing(kubectlDebug, 'logs', ...args)
    assert.equal(await again.end(), 'here\nover\n')
  })
})
