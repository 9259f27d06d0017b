import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, VolumeSpec } from '../../../../src/model/kube.ts'
import { containerFaults, specFaults } from '../manifests.ts'

type Source = NonNullable<NonNullable<ContainerSpec['env']>[number]['valueFrom']>

const at = 'spec.containers[0].env[0].valueFrom'

function each(cases: readonly (readonly [title: string, source: Source, faults: readonly string[]])[]): void {
  for (const [title, valueFrom, faults] of cases) {
    it(title, () => {
      const found = containerFaults({ env: [{ name: 'A', valueFrom }] })
      assert.deepEqual(
        found,
        faults.map((fault) => `${at}.${fault}`),
      )
    })
  }
}

const fields =
  '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
const resources =
  '"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"'
const sizes = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'

function field(fieldPath: string, apiVersion = 'v1'): Source {
  return { fieldRef: { apiVersion, fieldPath } }
}

describe('a variable that is a field of the Pod', () => {
  each([
    ['may be any of those that a node knows', field('status.hostIPs'), []],
    ['may be a label', field("metadata.labels['example.org/tier']"), []],
    ['may be an annotation, in capitals too', field("metadata.annotations['Example.org/Tier']"), []],
    [
      'is one of v1',
      field('metadata.name', 'v2'),
      ['fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2'],
    ],
    [
      'is no other field',
      field('spec.containers'),
      [
        'fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers',
      ],
    ],
    [
      'is no field that changes',
      field('status.phase'),
      [`fieldRef.fieldPath: Unsupported value: "status.phase": supported values: ${fields}`],
    ],
    [
      'is not all labels',
      field('metadata.labels'),
      [`fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${fields}`],
    ],
    [
      'is no label of another name',
      field("metadata.labels['']"),
      ['fieldRef: Invalid value: "": name part must be non-empty'],
    ],
    [
      'is no part of another field',
      field("spec.nodeName['a']"),
      [
        `fieldRef.fieldPath: Invalid value: "spec.nodeName['a']": error converting fieldPath: field label does not support subscript: spec.nodeName['a']`,
      ],
    ],
  ])
})

describe('a variable that is a resource', () => {
  const of = (resource: string, divisor?: string): Source => ({
    resourceFieldRef: { resource, ...(divisor === undefined ? {} : { divisor }) },
  })
  each([
    ['may be counted in thousandths of a CPU', of('limits.cpu', '1m'), []],
    ['may be counted in nothing', of('limits.memory', '0'), []],
    ['may be huge pages', of('requests.hugepages-2Mi', '1Mi'), []],
    ['is named', of(''), ['resourceFieldRef.resource: Required value']],
    [
      'is one that there is',
      of('limits.gpu'),
      [`resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: ${resources}`],
    ],
    [
      'is not counted in two CPUs',
      of('limits.cpu', '2'),
      [
        'resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ],
    ],
    [
      'is not counted in thousandths of a byte',
      of('limits.memory', '1m'),
      [
        `resourceFieldRef.divisor: Invalid value: "limits.memory": only divisor's values ${sizes} are supported with the memory resource`,
      ],
    ],
    [
      'is not counted in two bytes of a disk',
      of('limits.ephemeral-storage', '2'),
      [
        `resourceFieldRef.divisor: Invalid value: "limits.ephemeral-storage": only divisor's values ${sizes} are supported with the local ephemeral storage resource`,
      ],
    ],
    [
      'is not counted in what is no quantity',
      of('limits.cpu', 'x'),
      [
        'resourceFieldRef.divisor: Invalid value: "x": quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
      ],
    ],
  ])
})

describe('a variable from a file', () => {
  const shared = { name: 'shared', emptyDir: {} }
  const faultsOf = (change: object, volumes: readonly VolumeSpec[] = [shared]): readonly string[] => {
    const valueFrom = { fileKeyRef: { volumeName: 'shared', path: 'a.env', key: 'A', ...change } }
    const container = { name: 'main', image: 'busybox:1.36', env: [{ name: 'A', valueFrom }] }
    return specFaults({ containers: [container], volumes })
  }

  it('is one of an emptyDir of the Pod', () => {
    assert.deepEqual(faultsOf({}), [])
    assert.deepEqual(faultsOf({ volumeName: 'other' }), [`${at}.fileKeyRef.volumeName: Not found: "other"`])
    const host = { name: 'shared', hostPath: { path: '/tmp' } }
    const notEmptyDir = `${at}.fileKeyRef.volumeName: Invalid value: "shared": referenced volume must be of type emptyDir`
    assert.deepEqual(faultsOf({}, [host]), [notEmptyDir])
  })

  it('is named in full, and below its volume', () => {
    assert.deepEqual(faultsOf({ key: '', path: '' }), [
      `${at}.fileKeyRef.key: Required value`,
      `${at}.fileKeyRef.path: Required value`,
    ])
    assert.deepEqual(faultsOf({ path: 'a/../../b' }), [
      `${at}.fileKeyRef.path: Invalid value: "a/../../b": must not contain '..'`,
    ])
    assert.deepEqual(faultsOf({ key: 'a=b' }), [
      `${at}.fileKeyRef.key: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ])
  })
})
