import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../src/model/kube.ts'
import {
  formatPod,
  hasLatestTag,
  hasTerminalPhase,
  imagePullPolicy,
  isMirrorPod,
  isStaticPod,
  isTerminating,
  podFullName,
  podRef,
  restartPolicy,
  stopGraceSeconds,
  usesHostNetwork,
} from '../../../src/model/pod.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

describe('the names of a Pod', () => {
  it("are printed the kubelet's way", () => {
    assert.deepEqual(podRef(aPod()), { uid: aPodUid, namespace: 'default', name: 'web' })
    assert.equal(formatPod(podRef(aPod())), `web_default(${aPodUid})`)
    assert.equal(podFullName(aPod()), 'web_default')
  })
})

describe('what a Pod is', () => {
  const readers = { isTerminating, isStaticPod, isMirrorPod, hasTerminalPhase, usesHostNetwork }
  const cases: readonly (readonly [title: string, pod: Pod, answers: readonly (keyof typeof readers)[]])[] = [
    ['nothing special by default', aPod(), []],
    [
      'terminating with a deletionTimestamp',
      aPod({ metadata: { deletionTimestamp: '2026-11-21T10:00:00Z' } }),
      ['isTerminating'],
    ],
    [
      'static from a file',
      aPod({ metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } }),
      ['isStaticPod'],
    ],
    [
      'not static from the API server',
      aPod({ metadata: { annotations: { 'kubernetes.io/config.source': 'api' } } }),
      [],
    ],
    [
      'a mirror with the annotation',
      aPod({ metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } }),
      ['isMirrorPod'],
    ],
    ['not over while it runs', aPod({ status: { phase: 'Running' } }), []],
    ['over when it succeeded', aPod({ status: { phase: 'Succeeded' } }), ['hasTerminalPhase']],
    ['over when it failed', aPod({ status: { phase: 'Failed' } }), ['hasTerminalPhase']],
    ['on the host network', aPod({ spec: { hostNetwork: true } }), ['usesHostNetwork']],
    ['not on the host network', aPod({ spec: { hostNetwork: false } }), []],
  ]
  for (const [title, pod, answers] of cases) {
    it(`is ${title}`, () => {
      const found = Object.entries(readers).flatMap(([name, reader]) => (reader(pod) ? [name] : []))
      assert.deepEqual(found, answers)
    })
  }
})

describe('restartPolicy', () => {
  for (const policy of ['Always', 'OnFailure', 'Never'] as const) {
    it(`is ${policy} when the Pod says so`, () =>
      assert.equal(restartPolicy(aPod({ spec: { restartPolicy: policy } })), policy))
  }
  it('is Always when the Pod says nothing', () => {
    assert.equal(restartPolicy({ ...aPod(), spec: { containers: [] } }), 'Always')
  })
})

describe('stopGraceSeconds', () => {
  const graces: readonly (readonly [deletion: number | undefined, spec: number | undefined, seconds: number])[] = [
    [undefined, undefined, 2],
    [undefined, 30, 30],
    [undefined, 0, 0],
    [undefined, 1, 1],
    [undefined, -1, -1],
    [5, 30, 5],
    [60, 30, 60],
    [0, 30, 0],
    [1, undefined, 1],
  ]
  for (const [deletion, spec, seconds] of graces) {
    it(`is ${seconds} for a deletion with ${deletion} and a spec with ${spec}`, () => {
      const pod: Pod = {
        ...aPod({ metadata: deletion === undefined ? {} : { deletionGracePeriodSeconds: deletion } }),
        spec: { containers: [], ...(spec === undefined ? {} : { terminationGracePeriodSeconds: spec }) },
      }
      assert.equal(stopGraceSeconds(pod), seconds)
    })
  }
})

describe('the pull policy', () => {
  const images: readonly (readonly [image: string, latest: boolean])[] = [
    ['nginx', true],
    ['nginx:latest', true],
    ['nginx:1.17.8', false],
    ['nginx:latest-alpine', false],
    ['registry.example:5000/nginx', true],
    ['registry.example:5000/team/nginx:latest', true],
    ['registry.example:5000/nginx:1', false],
    ['nginx@sha256:0000', false],
    ['nginx:latest@sha256:0000', true],
    ['nginx:1@sha256:0000', false],
  ]
  for (const [image, latest] of images) {
    it(`of "${image}" is ${latest ? 'Always' : 'IfNotPresent'} by default`, () => {
      const { imagePullPolicy: _, ...container } = aContainer({ image })
      assert.equal(hasLatestTag(image), latest)
      assert.equal(imagePullPolicy(container), latest ? 'Always' : 'IfNotPresent')
    })
  }

  for (const policy of ['Always', 'IfNotPresent', 'Never'] as const) {
    it(`is ${policy} when the container says so, whatever the tag`, () => {
      assert.equal(imagePullPolicy(aContainer({ image: 'nginx', imagePullPolicy: policy })), policy)
      assert.equal(imagePullPolicy(aContainer({ image: 'nginx:1', imagePullPolicy: policy })), policy)
    })
  }

  it('of a container without an image is Always', () => {
    assert.equal(imagePullPolicy({ name: 'main' }), 'Always')
  })
})
