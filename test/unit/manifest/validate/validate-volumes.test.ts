import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, VolumeSpec } from '../../../../src/model/kube.ts'
import { containerFaults, specFaults } from '../manifests.ts'

const v = 'spec.volumes[0]'

describe('a Pod’s volumes', () => {
  const cases: readonly (readonly [string, VolumeSpec, readonly string[]])[] = [
    ['may be empty folders', { name: 'a', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }, []],
    ['need a name', { name: '', emptyDir: {} }, [`${v}.name: Required value`]],
    ['need a source', { name: 'a' }, [`${v}: Required value: must specify a volume type`]],
    [
      'have one source',
      { name: 'a', emptyDir: {}, hostPath: { path: '/a' } },
      [`${v}.hostPath: Forbidden: may not specify more than 1 volume type`],
    ],
    ['of the host need a path', { name: 'a', hostPath: { path: '' } }, [`${v}.hostPath.path: Required value`]],
    [
      'of the host lead nowhere else',
      { name: 'a', hostPath: { path: '/a/../b' } },
      [`${v}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
    ],
    [
      'of the host have types that there are',
      { name: 'a', hostPath: { path: '/a', type: 'Dir' } },
      [
        `${v}.hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
      ],
    ],
    [
      'have sizes that there can be',
      { name: 'a', emptyDir: { sizeLimit: '-1' } },
      [`${v}.emptyDir.sizeLimit: Invalid value: "-1": must be greater than or equal to 0`],
    ],
    ['out of an image say which', { name: 'a', image: { reference: '' } }, [`${v}.image.reference: Required value`]],
  ]
  for (const [sentence, volume, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(specFaults({ volumes: [volume] }), expected)
    })
  }

  it('have names of their own', () => {
    const volume = { name: 'a', emptyDir: {} }
    assert.deepEqual(specFaults({ volumes: [volume, volume] }), ['spec.volumes[1].name: Duplicate value: "a"'])
  })
})

describe('a container’s mounts', () => {
  const volumes = [{ name: 'a', emptyDir: {} }]
  const at = 'spec.containers[0].volumeMounts[0]'
  const mount = { name: 'a', mountPath: '/a' }
  const cases: readonly (readonly [string, Partial<ContainerSpec>, readonly string[]])[] = [
    ['may mount one volume twice', { volumeMounts: [mount, { ...mount, mountPath: '/b' }] }, []],
    ['say which volume', { volumeMounts: [{ ...mount, name: '' }] }, [`${at}.name: Required value`]],
    ['are of volumes that there are', { volumeMounts: [{ ...mount, name: 'b' }] }, [`${at}.name: Not found: "b"`]],
    ['say where', { volumeMounts: [{ ...mount, mountPath: '' }] }, [`${at}.mountPath: Required value`]],
    [
      'are each at a place of their own',
      { volumeMounts: [mount, mount] },
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique'],
    ],
    [
      'are not where a device is',
      { volumeMounts: [mount], volumeDevices: [{ name: 'a', devicePath: '/a' }] },
      [`${at}.mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices`],
    ],
    [
      'lead down into the volume',
      { volumeMounts: [{ ...mount, subPath: '/x' }] },
      [`${at}.subPath: Invalid value: "/x": must be a relative path`],
    ],
    [
      'do not lead out of the volume',
      { volumeMounts: [{ ...mount, subPathExpr: 'x/../..' }] },
      [`${at}.subPathExpr: Invalid value: "x/../..": must not contain '..'`],
    ],
    [
      'have one way down',
      { volumeMounts: [{ ...mount, subPath: 'x', subPathExpr: 'y' }] },
      [`${at}.subPathExpr: Invalid value: "y": subPathExpr and subPath are mutually exclusive`],
    ],
    [
      'propagate in ways that there are',
      { volumeMounts: [{ ...mount, mountPropagation: 'Both' }] },
      [
        `${at}.mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"`,
      ],
    ],
    [
      'propagate to the host only from a privileged container',
      { volumeMounts: [{ ...mount, mountPropagation: 'Bidirectional' }] },
      [`${at}.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`],
    ],
    [
      'propagate to the host from a privileged container',
      { volumeMounts: [{ ...mount, mountPropagation: 'Bidirectional' }], securityContext: { privileged: true } },
      [],
    ],
  ]
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(containerFaults(change, { volumes }), expected)
    })
  }
})
