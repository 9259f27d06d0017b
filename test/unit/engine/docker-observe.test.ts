import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspectedImage, observe, observeImage, summarize, withImage } from '../../../src/engine/docker-observe.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { imageId } from '../../../src/model/ids.ts'
import { labels } from '../../../src/model/labels.ts'
import type { ContainerState } from '../../../src/model/observed.ts'
import { containerJson, containerLabels, createdState, exitedState, runningState, sandboxJson } from './inspect-json.ts'

const createdAtMs = Date.parse('2026-11-21T03:29:18.274Z')
const startedAtMs = Date.parse('2026-11-21T03:29:19.500Z')
const finishedAtMs = Date.parse('2026-11-21T03:30:00Z')

describe('observe', () => {
  it('reads a container', () => {
    assert.deepEqual(observe(containerJson(), 'node-a'), {
      kind: 'container',
      id: '09274b9fe6dfb16d5aa3e738c752b6fcdaeb83246ec3c71bd2d099a4d334c452',
      owner: { podUid: 'uid-1', podName: 'web', podNamespace: 'default' },
      name: 'main',
      sandboxId: 'feed',
      attempt: 3,
      hash: 'abc',
      createdAtMs,
      state: { phase: 'running', startedAtMs, pid: 4711 },
      resources: { cpuShares: 0, cpuQuota: 0, cpuPeriod: 0, memoryBytes: 0 },
      made: undefined,
      image: 'busybox',
      imageId: 'sha256:a8582c129b9f04b82b4abc93344abad70932f442a0f74170574511794150fdee',
      imageRef: 'docker://sha256:a8582c129b9f04b82b4abc93344abad70932f442a0f74170574511794150fdee',
      terminationMessageFile: '/pods/uid-1/main/termination-log',
      terminationMessagePolicy: 'FallbackToLogsOnError',
      terminationGracePeriodSeconds: 30,
    })
  })

  it('reads a sandbox', () => {
    assert.deepEqual(observe(sandboxJson(), 'node-a'), {
      kind: 'sandbox',
      id: '09274b9fe6dfb16d5aa3e738c752b6fcdaeb83246ec3c71bd2d099a4d334c452',
      owner: { podUid: 'uid-1', podName: 'web', podNamespace: 'default' },
      attempt: 3,
      createdAtMs,
      state: { phase: 'running', startedAtMs, pid: 4711 },
      hostNetwork: false,
      runtime: 'kata',
      ips: ['172.17.0.2', 'fd00::2'],
    })
  })

  it('sees nothing of another node, of no node, of no Pod and of no known kind', () => {
    const without = (label: string, value?: string): unknown => {
      const own = { ...containerLabels, [label]: value }
      return observe(containerJson({ Config: { Labels: own } }), 'node-a')
    }
    assert.equal(observe(containerJson(), 'node-b'), undefined)
    assert.equal(without(labels.node), undefined)
    assert.equal(without(labels.podUid), undefined)
    assert.equal(without(labels.kind), undefined)
    assert.equal(without(labels.kind, 'podsandbox'), undefined)
    assert.equal(observe({}, 'node-a'), undefined)
  })

  it('reads what a container may have, and what it was made with', () => {
    const made = { cpuRequest: 100, memoryLimit: 64 * 1024 ** 2 }
    const own = { ...containerLabels, [labels.resources]: JSON.stringify(made) }
    const HostConfig = { CpuShares: 102, CpuQuota: -1, CpuPeriod: 100_000, Memory: 128 * 1024 ** 2 }
    assert.partialDeepStrictEqual(observe(containerJson({ Config: { Labels: own }, HostConfig }), 'node-a'), {
      resources: { cpuShares: 102, cpuQuota: 0, cpuPeriod: 100_000, memoryBytes: 128 * 1024 ** 2 },
      made: { cpuRequest: 100, cpuLimit: 0, memoryRequest: 0, memoryLimit: 64 * 1024 ** 2 },
    })
  })

  it('reads which GPUs a container was given', () => {
    const DeviceRequests = [
      { Driver: 'nvidia', Count: 0, DeviceIDs: ['0', '2'], Capabilities: [['gpu']], Options: {} },
      { Driver: 'cdi', Count: 0, DeviceIDs: ['vendor.com/x=1'], Capabilities: null, Options: {} },
    ]
    const observed = observe(containerJson({ HostConfig: { NetworkMode: 'container:feed', DeviceRequests } }), 'node-a')
    assert.ok(observed?.kind === 'container')
    assert.deepEqual(observed.gpus, ['0', '2'])
  })

  it('reads in a list, on a sandbox, what its Pod had been given', () => {
    const allocation = { pod: { requests: { cpu: '1' } }, containers: { main: { limits: { memory: '64Mi' } } } }
    const own = { ...containerLabels, [labels.kind]: 'sandbox', [labels.resources]: JSON.stringify(allocation) }
    assert.partialDeepStrictEqual(summarize({ Id: 'a1', State: 'running', Labels: own }, 'node-a'), { allocation })
  })

  for (const spoilt of ['no JSON', '[]', '{"containers":{"main":{"limits":{"cpu":1}}}}', '{"pod":{}}']) {
    it(`takes ${spoilt} for no word of what a Pod had been given`, () => {
      const own = { ...containerLabels, [labels.kind]: 'sandbox', [labels.resources]: spoilt }
      assert.equal(summarize({ Id: 'a1', State: 'running', Labels: own }, 'node-a')?.allocation, undefined)
    })
  }

  it('takes labels that somebody has spoilt for missing', () => {
    const own = { ...containerLabels, [labels.attempt]: 'many', [labels.terminationGracePeriodSeconds]: '-1' }
    assert.partialDeepStrictEqual(observe(containerJson({ Config: { Labels: own } }), 'node-a'), {
      attempt: 0,
      terminationGracePeriodSeconds: undefined,
    })
  })

  it('finds the termination message at a path that Docker has cleared up', () => {
    for (const path of ['dev/termination-log', '/dev//termination-log/', '/dev/x/../termination-log']) {
      const own = { ...containerLabels, [labels.terminationMessagePath]: path }
      assert.partialDeepStrictEqual(observe(containerJson({ Config: { Labels: own } }), 'node-a'), {
        terminationMessageFile: '/pods/uid-1/main/termination-log',
      })
    }
  })

  it('finds no termination message where nothing is mounted', () => {
    const observed = observe(containerJson({ Mounts: null }), 'node-a')
    assert.partialDeepStrictEqual(observed, { terminationMessageFile: undefined })
  })

  it('gives a sandbox in the network of the host, or one that does not run, no address', () => {
    const json = { HostConfig: { NetworkMode: 'host' }, NetworkSettings: { Networks: { host: { IPAddress: '' } } } }
    const inHostNetwork = observe(sandboxJson(json), 'node-a')
    assert.ok(inHostNetwork?.kind === 'sandbox')
    assert.equal(inHostNetwork.hostNetwork, true)
    assert.deepEqual(inHostNetwork.ips, [])
    const ended = observe(sandboxJson({ State: exitedState }), 'node-a')
    assert.ok(ended?.kind === 'sandbox')
    assert.deepEqual(ended.ips, [])
  })

  it('names the field that it cannot read', () => {
    const unreadable = containerJson({ State: { ...runningState, Pid: 'four' } })
    assert.throws(
      () => observe(unreadable, 'node-a'),
      new KubeletError('internal', `Docker's answer has no number in "Pid" but "four"`),
    )
  })
})

describe('observe, of the state', () => {
  const state = (changes: Readonly<Record<string, unknown>>): ContainerState | undefined =>
    observe(containerJson({ State: changes }), 'node-a')?.state
  const exited = {
    phase: 'exited',
    exitCode: 0,
    cannotRun: false,
    oomKilled: false,
    error: '',
    startedAtMs,
    finishedAtMs,
  }
  const neverRan = { ...exited, startedAtMs: createdAtMs, finishedAtMs: createdAtMs }

  it('knows a created container', () => {
    assert.deepEqual(state(createdState), { phase: 'created' })
  })

  it('knows how a container ended', () => {
    assert.deepEqual(state(exitedState), exited)
    assert.deepEqual(state({ ...exitedState, ExitCode: 137, OOMKilled: true }), {
      ...exited,
      exitCode: 137,
      oomKilled: true,
    })
  })

  it('takes a container with an exit code but no end for one that cannot run, at the time of its creation', () => {
    const failed = { ...createdState, ExitCode: 127, Error: 'no such file' }
    assert.deepEqual(state(failed), { ...neverRan, exitCode: 127, cannotRun: true, error: 'no such file' })
  })

  it('takes a paused or restarting container for a running one', () => {
    const running = { phase: 'running', startedAtMs, pid: 4711 }
    assert.deepEqual(state({ ...runningState, Status: 'paused', Paused: true }), running)
    assert.deepEqual(state({ ...runningState, Status: 'restarting', Restarting: true }), running)
  })

  it('takes a container that is being removed for an ended one, whether it ever ran or not', () => {
    assert.deepEqual(state({ ...exitedState, Status: 'removing' }), exited)
    assert.deepEqual(state({ ...createdState, Status: 'dead', Dead: true }), neverRan)
  })
})

describe('withImage', () => {
  const id = imageId('sha256:1')
  const image = { id, tags: ['web:1', 'web:latest'], digests: ['r/web@sha256:2', 's/web@sha256:2'], sizeBytes: 1 }

  it("names the image by its first tag and its first registry's digest", () => {
    const observed = observe(containerJson(), 'node-a')
    assert.ok(observed?.kind === 'container')
    const expected = { ...observed, image: 'web:1', imageRef: 'docker-pullable://r/web@sha256:2' }
    assert.deepEqual(withImage(observed, image), expected)
  })

  it('leaves what created the container where the image has neither', () => {
    const observed = observe(containerJson(), 'node-a')
    assert.ok(observed?.kind === 'container')
    assert.deepEqual(withImage(observed, { ...image, tags: [], digests: [] }), observed)
  })
})

describe('inspectedImage', () => {
  it('reads whom the image runs as', () => {
    const users = [{ Config: { User: '1000:1000' } }, { Config: {} }, { Config: null }].map(
      (json) => inspectedImage({ Id: 'sha256:1', ...json }).user,
    )
    assert.deepEqual(users, ['1000:1000', '', ''])
  })
})

describe('observeImage', () => {
  it('reads an image, without what Docker lists as a tag that is none', () => {
    const json = {
      Id: 'sha256:1',
      RepoTags: ['<none>:<none>'],
      RepoDigests: ['<none>@<none>', 'r/web@sha256:2'],
      Size: 5,
    }
    assert.deepEqual(observeImage(json), { id: 'sha256:1', tags: [], digests: ['r/web@sha256:2'], sizeBytes: 5 })
  })

  it('reads an image that has no name at all', () => {
    assert.deepEqual(observeImage({ Id: 'sha256:1', RepoTags: null }), {
      id: 'sha256:1',
      tags: [],
      digests: [],
      sizeBytes: 0,
    })
  })
})

describe('summarize', () => {
  const summary = (State: string, own = containerLabels): unknown =>
    summarize({ Id: 'f1', State, Labels: own }, 'node-a')

  it('tells the phases apart', () => {
    const phases = { created: 'created', running: 'running', paused: 'running', exited: 'exited', removing: 'exited' }
    for (const [state, phase] of Object.entries(phases)) {
      assert.deepEqual(summary(state), {
        id: 'f1',
        owner: { podUid: 'uid-1', podName: 'web', podNamespace: 'default' },
        phase,
      })
    }
  })

  it('leaves out what is not of this node', () => {
    assert.equal(summary('running', { ...containerLabels, [labels.node]: 'node-b' }), undefined)
    assert.equal(summary('running', { ...containerLabels, [labels.podUid]: '' }), undefined)
    // As an image of somebody's could bring it along.
    assert.equal(summary('running', { ...containerLabels, [labels.podUid]: '../..' }), undefined)
    assert.equal(summary('running', { ...containerLabels, [labels.kind]: '' }), undefined)
  })
})
