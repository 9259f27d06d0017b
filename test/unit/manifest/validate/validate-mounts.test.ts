import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, VolumeSpec } from '../../../../src/model/kube.ts'
import { containerFaults } from '../manifests.ts'

describe('a container’s mounts', () => {
  const volumes = [{ name: 'a', emptyDir: {} }]
  const at = 'spec.containers[0].volumeMounts[0]'
  const mount = { name: 'a', mountPath: '/a' }
  const cases: readonly (readonly [string, Partial<ContainerSpec>, readonly string[]])[] = [
    ['may mount one volume twice', { volumeMounts: [mount, { ...mount, mountPath: '/b' }] }, []],
    [
      'say which volume',
      { volumeMounts: [{ ...mount, name: '' }] },
      [`${at}.name: Required value`, `${at}.name: Not found: ""`],
    ],
    ['are of volumes that there are', { volumeMounts: [{ ...mount, name: 'b' }] }, [`${at}.name: Not found: "b"`]],
    ['say where', { volumeMounts: [{ ...mount, mountPath: '' }] }, [`${at}.mountPath: Required value`]],
    [
      'are each at a place of their own',
      { volumeMounts: [mount, mount] },
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique'],
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
    [
      'are read-only all the way down only if they are read-only',
      { volumeMounts: [{ ...mount, recursiveReadOnly: 'Enabled' }] },
      [`${at}.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`],
    ],
    [
      'are read-only all the way down only if nothing is mounted there later',
      {
        volumeMounts: [
          { ...mount, readOnly: true, recursiveReadOnly: 'IfPossible', mountPropagation: 'HostToContainer' },
        ],
      },
      [`${at}.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`],
    ],
    [
      'are read-only all the way down in ways that there are',
      { volumeMounts: [{ ...mount, readOnly: true, recursiveReadOnly: 'Perhaps' }] },
      [`${at}.recursiveReadOnly: Unsupported value: "Perhaps": supported values: "Disabled", "Enabled", "IfPossible"`],
    ],
    [
      'may be read-only all the way down',
      { volumeMounts: [{ ...mount, readOnly: true, recursiveReadOnly: 'Enabled' }] },
      [],
    ],
  ]
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(containerFaults(change, { volumes }), expected)
    })
  }
})

describe('a volume that something is wrong with', () => {
  it('is not there for mounts', () => {
    const volumes = [{ name: 'a', hostPath: { path: '' } }]
    assert.deepEqual(containerFaults({ volumeMounts: [{ name: 'a', mountPath: '/a' }] }, { volumes }), [
      'spec.volumes[0].hostPath.path: Required value',
      'spec.containers[0].volumeMounts[0].name: Not found: "a"',
    ])
  })
})

describe('a container’s devices', () => {
  const at = 'spec.containers[0].volumeDevices[0]'
  const volumes: readonly VolumeSpec[] = [
    { name: 'dir', emptyDir: {} },
    { name: 'claim', persistentVolumeClaim: { claimName: 'x' } },
  ]
  const device = { name: 'claim', devicePath: '/dev/a' }
  const cases: readonly (readonly [string, Partial<ContainerSpec>, readonly string[]])[] = [
    ['are claims', { volumeDevices: [device] }, []],
    [
      'are nothing else',
      { volumeDevices: [{ ...device, name: 'dir' }] },
      [
        `${at}.name: Invalid value: "dir": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
      ],
    ],
    ['are there', { volumeDevices: [{ ...device, name: 'x' }] }, [`${at}.name: Not found: "x"`]],
    [
      'have names and paths',
      { volumeDevices: [{ name: '', devicePath: '' }] },
      [`${at}.name: Required value`, `${at}.name: Not found: ""`, `${at}.devicePath: Required value`],
    ],
    [
      'are each at a place of their own, once',
      { volumeDevices: [device, device] },
      ['name: Invalid value: "claim"', 'devicePath: Invalid value: "/dev/a"'].map(
        (fault) => `spec.containers[0].volumeDevices[1].${fault}: must be unique`,
      ),
    ],
    [
      'have a path without detours',
      { volumeDevices: [{ ...device, devicePath: '/dev/../a' }] },
      [`${at}.devicePath: Invalid value: "/dev/../a": can not contain backsteps ('..')`],
    ],
    [
      'are not mounted, nor where something is',
      { volumeDevices: [device], volumeMounts: [{ name: 'claim', mountPath: '/dev/a' }] },
      [
        'spec.containers[0].volumeMounts[0].name: Invalid value: "claim": must not already exist in volumeDevices',
        'spec.containers[0].volumeMounts[0].mountPath: Invalid value: "/dev/a": must not already exist as a path in volumeDevices',
        `${at}.name: Invalid value: "claim": must not already exist in volumeMounts`,
        `${at}.devicePath: Invalid value: "/dev/a": must not already exist as a path in volumeMounts`,
      ],
    ],
  ]
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      const faults = containerFaults(change, { volumes })
      assert.deepEqual(
        faults.filter((fault) => !fault.includes('static pods may not reference')),
        expected,
      )
    })
  }
})
