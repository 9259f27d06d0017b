import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { downwardPayload } from '../../../../src/translate/volumes/downward-payload.ts'
import type { DownwardFile } from '../../../../src/translate/volumes/projection-source.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'
import { filesOf } from '../../../support/payloads.ts'

const sized = aContainer({
  resources: { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } },
})
const pod = aPod({
  metadata: {
    labels: { zone: 'us-est-coast', cluster: 'test-cluster1' },
    annotations: { build: 'two', builder: 'john "j"\ndoe' },
  },
  spec: {
    initContainers: [aContainer({ name: 'setup' })],
    containers: [sized, aContainer({ name: 'plain' })],
    resources: { limits: { cpu: '3' } },
  },
})

const field = (fieldPath: string): DownwardFile => ({ path: 'file', fieldRef: { fieldPath } })
const resource = (name: string, containerName = 'main', divisor?: string): DownwardFile => ({
  path: 'file',
  resourceFieldRef: { containerName, resource: name, ...(divisor === undefined ? {} : { divisor }) },
})

function read(item: DownwardFile) {
  const { files, faults } = downwardPayload([item], { pod, allocatable: { cpu: '4', memory: '8Gi' } }, 0o644)
  return faults.length > 0 ? faults : filesOf(files)['file']
}

const rows: readonly (readonly [title: string, item: DownwardFile, text: string])[] = [
  ['the name', field('metadata.name'), 'web'],
  ['the namespace', field('metadata.namespace'), 'default'],
  ['the UID', field('metadata.uid'), aPodUid],
  ['the labels', field('metadata.labels'), 'cluster="test-cluster1"\nzone="us-est-coast"'],
  ['the annotations', field('metadata.annotations'), 'build="two"\nbuilder="john \\"j\\"\\ndoe"'],
  ['one annotation', field("metadata.annotations['builder']"), 'john "j"\ndoe'],
  ['a label that is not there', field("metadata.labels['none']"), ''],
  ['a CPU limit', resource('limits.cpu'), '2'],
  ['a CPU limit in thousandths', resource('limits.cpu', 'main', '1m'), '1250'],
  ['a CPU request', resource('requests.cpu'), '1'],
  ['a memory limit', resource('limits.memory'), '67108864'],
  ['a memory request', resource('requests.memory', 'main', '1Mi'), '32'],
  ['the node’s CPU where there is no limit, whatever the Pod’s', resource('limits.cpu', 'plain'), '4'],
  ['the node’s memory for an init container', resource('limits.memory', 'setup'), String(8 * 2 ** 30)],
  ['no request', resource('requests.memory', 'plain'), '0'],
]

describe('a file about the Pod', () => {
  for (const [title, item, text] of rows) {
    it(`says ${title}`, () => assert.deepEqual(read(item), { data: text, mode: 0o644 }))
  }

  it('has a mode of its own', () => {
    const { files } = downwardPayload([{ ...field('metadata.name'), mode: 0o400 }], { pod, allocatable: {} }, 0o644)
    assert.deepEqual(filesOf(files), { file: { data: 'web', mode: 0o400 } })
  })

  it('tells of nothing else', () => {
    assert.deepEqual(read(field('status.podIP')), ['unsupported fieldPath: status.podIP'])
    assert.deepEqual(read(field('metadata.generation')), ['unsupported fieldPath: metadata.generation'])
    assert.deepEqual(read(field("metadata.name['a']")), [`fieldPath "metadata.name['a']" does not support subscript`])
    assert.deepEqual(read(resource('limits.cpu', 'none')), ['container none not found'])
    assert.deepEqual(read(resource('limits.gpu')), ['unsupported container resource : limits.gpu'])
  })
})
