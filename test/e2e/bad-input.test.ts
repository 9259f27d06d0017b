import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ContainerStatus, Pod } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, hasPhase, isReady, podManifest, staying, statusOf, waitsFor } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** What a container waits for. */
function waiting(pod: Pod): NonNullable<ContainerStatus['state']>['waiting'] {
  return statusOf(pod, 'main').state?.waiting
}

describe('Bad input', { concurrency: 8 }, () => {
  before(() => node.createUntil(podManifest('bystander', [staying('main')]), 'ready', isReady))

  it('an image name that does not parse', async () => {
    const manifest = podManifest('unparsable', [staying('main', { image: 'Not An Image' })])
    const pod = await node.createUntil(manifest, 'waiting', waitsFor('main', 'InvalidImageName'))
    assert.match(
      waiting(pod)?.message ?? '',
      /^Failed to apply default image tag "Not An Image": couldn't parse image name "Not An Image": invalid reference format/u,
    )
    assert.equal(pod.status?.phase, 'Pending')
    await node.untilEvent('unparsable', 'InspectFailed', 'Failed to apply default image tag "Not An Image"')
    await node.untilEvent('unparsable', 'Failed', 'Error: InvalidImageName')
  })

  it('an absent image that must never be pulled', async () => {
    const manifest = podManifest('never', [staying('main', { image: 'absent:1', imagePullPolicy: 'Never' })])
    const pod = await node.createUntil(manifest, 'waiting', waitsFor('main', 'ErrImageNeverPull'))
    const message = 'Container image "absent:1" is not present with pull policy of Never'
    assert.equal(waiting(pod)?.message, message)
    await node.untilEvent('never', 'ErrImageNeverPull', message)
    await node.untilEvent('never', 'Failed', 'Error: ErrImageNeverPull')
  })

  it('an image that no registry has: first the error, then the back-off', async () => {
    const image = '127.0.0.1:1/absent:1'
    const manifest = podManifest('absent', [staying('main', { image })])
    const backingOff = await node.createUntil(manifest, 'backing off', waitsFor('main', 'ImagePullBackOff'))
    const message = waiting(backingOff)?.message ?? ''
    assert.ok(message.startsWith(`Back-off pulling image "${image}": ErrImagePull: `), message)
    assert.match(message, /127\.0\.0\.1:1/u)
    assert.equal(backingOff.status?.phase, 'Pending')
    await node.untilEvent('absent', 'Pulling', `Pulling image "${image}"`)
    await node.untilEvent('absent', 'Failed', `Failed to pull image "${image}"`)
    await node.untilEvent('absent', 'Failed', 'Error: ErrImagePull')
    const backOff = await node.untilEvent('absent', 'BackOff', `Back-off pulling image "${image}"`)
    assert.equal(backOff.type, 'Normal')
    await node.untilEvent('absent', 'Failed', 'Error: ImagePullBackOff')
  })

  it('a command that does not exist', async () => {
    const manifest = podManifest('no-command', [staying('main', { command: ['/no/such/command'] })], {
      restartPolicy: 'Never',
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Failed'))
    const { exitCode, reason, message } = statusOf(pod, 'main').state?.terminated ?? {}
    assert.deepEqual({ exitCode, reason }, { exitCode: 127, reason: 'ContainerCannotRun' })
    assert.match(message ?? '', /\/no\/such\/command/u)
    await node.untilEvent('no-command', 'Failed', '/no/such/command')
  })

  it('a command that does not exist, in a container that is started again and again, beside others that run', async () => {
    const containers = [staying('first'), staying('main', { command: ['no-such-command'] }), staying('last')]
    const pod = await node.createUntil(
      podManifest('no-command-again', containers),
      'failed',
      (seen) =>
        findStatus(seen, 'main')?.lastState?.terminated?.reason === 'ContainerCannotRun' &&
        statusOf(seen, 'last').ready,
    )
    assert.match(waiting(pod)?.reason ?? '', /^(RunContainerError|CrashLoopBackOff)$/u)
    assert.equal(statusOf(pod, 'first').ready, true)
    assert.equal(pod.status?.phase, 'Running')
    await node.untilEvent('no-command-again', 'Failed', 'no-such-command')
  })

  it('a hostPath that is a file where a directory should be', async () => {
    const path = join(node.folder, 'a-file')
    await writeFile(path, '')
    const main = staying('main', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    await node.create(
      podManifest('wrong-type', [main], { volumes: [{ name: 'data', hostPath: { path, type: 'Directory' } }] }),
    )
    await node.untilEvent('wrong-type', 'FailedMount', `hostPath type check failed: ${path} is not a directory`)
    await node.until('wrong-type', 'waiting', waitsFor('main', 'ContainerCreating'))
  })

  it('a volume of a kind that this agent does not serve', async () => {
    const main = staying('main', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
    const volumes = [{ name: 'data', csi: { driver: 'nobody.invalid' } }]
    await node.create(podManifest('strange-volume', [main], { volumes }))
    await node.untilEvent(
      'strange-volume',
      'FailedMount',
      'minikubelet does not support a volume of type csi (driver "nobody.invalid")',
    )
    await node.until('strange-volume', 'waiting', waitsFor('main', 'ContainerCreating'))
  })

  it('two mounts at one path, which the API server refuses', async () => {
    const mount = { name: 'data', mountPath: '/data' }
    const manifest = podManifest('twice', [staying('main', { volumeMounts: [mount, mount] })], {
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    await assert.rejects(
      node.create(manifest),
      /volumeMounts\[1\]\.mountPath: Invalid value: "\/data": must be unique/u,
    )
  })

  it('a field that means another Pod than asked for keeps the container from starting', async () => {
    const main = staying('main', { volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] })
    const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }]
    const pod = await node.createUntil(
      podManifest('refused', [main], { volumes }),
      'waiting',
      waitsFor('main', 'CreateContainerConfigError'),
    )
    assert.equal(waiting(pod)?.message, 'spec.containers[0].volumeDevices is not supported by minikubelet')
    const event = await node.untilEvent('refused', 'UnsupportedField')
    assert.deepEqual(
      [event.type, event.message],
      [
        'Warning',
        'spec.containers[0].volumeDevices is not supported by minikubelet: the container does not start without it',
      ],
    )
    const line = await node.agent.logged('field-unsupported', 'refused')
    assert.deepEqual(
      [line.level, line['path'], line['consequence']],
      ['warn', 'spec.containers[0].volumeDevices', 'refused'],
    )
  })
})

describe('After all of that', () => {
  it('the Pod that was there before has not noticed', async () => {
    const versions = node.versions('bystander')
    const statuses = versions.slice(versions.findIndex(isReady)).map((pod) => statusOf(pod, 'main'))
    assert.deepEqual(
      statuses,
      statuses.map(() => statuses[0]),
    )
  })

  it('new Pods start', async () => {
    await node.createUntil(podManifest('newcomer', [staying('main')]), 'ready', isReady)
  })

  it('bad Pods can be deleted', async () => {
    const bad = node.pods().filter((pod) => !isReady(pod))
    await node.kubectl.run('delete', 'pod', ...bad.map(({ metadata }) => metadata.name))
    assert.deepEqual(
      await Promise.all(bad.map((pod) => node.containers(pod))),
      bad.map(() => []),
    )
  })
})
