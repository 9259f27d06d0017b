import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { containerFaults, specFaults } from '../manifests.ts'

type Own = NonNullable<ContainerSpec['securityContext']>

/** A member of a security context, and what is wrong with it: what follows the path of the context. */
const both: readonly (readonly [string, Pick<Own, 'seccompProfile' | 'appArmorProfile'>, readonly string[]])[] = [
  ['may have profiles', { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'RuntimeDefault' } }, []],
  [
    'may have profiles of the node',
    {
      seccompProfile: { type: 'Localhost', localhostProfile: 'team/a..b.json' },
      appArmorProfile: { type: 'Localhost', localhostProfile: 'web' },
    },
    [],
  ],
  [
    'names the profiles of the node',
    { seccompProfile: { type: 'Localhost' }, appArmorProfile: { type: 'Localhost' } },
    [
      'seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      'appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
    ],
  ],
  [
    'names no others',
    {
      seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' },
      appArmorProfile: { type: 'Unconfined', localhostProfile: 'a' },
    },
    [
      'seccompProfile.localhostProfile: Invalid value: "a": can only be set when seccomp type is Localhost',
      'appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost',
    ],
  ],
  [
    'names a seccomp profile by a path that does not lead out of their folder',
    { seccompProfile: { type: 'Localhost', localhostProfile: '/a/../b' } },
    [
      'seccompProfile.localhostProfile: Invalid value: "/a/../b": must be a relative path',
      'seccompProfile.localhostProfile: Invalid value: "/a/../b": must not contain \'..\'',
    ],
  ],
  [
    'names an AppArmor profile without blanks around it',
    { appArmorProfile: { type: 'Localhost', localhostProfile: ' web' } },
    ['appArmorProfile.localhostProfile: Invalid value: " web": must not be padded with whitespace'],
  ],
  [
    'names an AppArmor profile by less than a page',
    { appArmorProfile: { type: 'Localhost', localhostProfile: 'w'.repeat(4096) } },
    ['appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes'],
  ],
  [
    'has profiles of a type, and of one that there is',
    { seccompProfile: { type: '' }, appArmorProfile: { type: 'Loose' } },
    [
      'seccompProfile.type: Required value: type is required when seccompProfile is set',
      'appArmorProfile.type: Unsupported value: "Loose": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
    ],
  ],
]

describe('a security context', () => {
  for (const [sentence, context, faults] of both) {
    it(`${sentence}, of a Pod and of a container`, () => {
      assert.deepEqual(
        specFaults({ securityContext: context }),
        faults.map((fault) => `spec.securityContext.${fault}`),
      )
      assert.deepEqual(
        containerFaults({ securityContext: context }),
        faults.map((fault) => `spec.containers[0].securityContext.${fault}`),
      )
    })
  }

  const context = 'spec.containers[0].securityContext'

  it('does not gain privileges that it has by CAP_SYS_ADMIN', () => {
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } }
    assert.deepEqual(containerFaults({ securityContext }), [
      `${context}: Invalid value: {"allowPrivilegeEscalation":false,"capabilities":{"add":["CAP_SYS_ADMIN"]}}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
    ])
    assert.deepEqual(containerFaults({ securityContext: { ...securityContext, allowPrivilegeEscalation: true } }), [])
  })

  it('sees all of /proc only with users of its own', () => {
    const securityContext = { procMount: 'Unmasked' }
    const fault = `${context}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``
    assert.deepEqual(containerFaults({ securityContext }), [fault])
    assert.deepEqual(containerFaults({ securityContext }, { hostUsers: true }), [fault])
    assert.deepEqual(containerFaults({ securityContext }, { hostUsers: false }), [])
  })

  const pods: readonly (readonly [string, Partial<PodSpec>, readonly string[]])[] = [
    [
      'has policies that there are',
      { securityContext: { supplementalGroupsPolicy: 'Loose', seLinuxChangePolicy: 'Never' } },
      [
        'supplementalGroupsPolicy: Unsupported value: "Loose": supported values: "Merge", "Strict"',
        'seLinuxChangePolicy: Unsupported value: "Never": supported values: "MountOption", "Recursive"',
      ],
    ],
    [
      'sets a sysctl once, by dots or slashes',
      {
        securityContext: {
          sysctls: ['kernel/msgmax', 'net.core.somaxconn', 'net.core.somaxconn', ''].map((name) => ({
            name,
            value: '1',
          })),
        },
      },
      ['sysctls[2].name: Duplicate value: "net.core.somaxconn"', 'sysctls[3].name: Required value'],
    ],
    [
      'sets a sysctl that could be one',
      { securityContext: { sysctls: [{ name: 'Net..x', value: '1' }] } },
      [
        'sysctls[0].name: Invalid value: "Net..x": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
      ],
    ],
    [
      "sets no sysctl of the host's",
      {
        hostNetwork: true,
        hostIPC: true,
        securityContext: { sysctls: ['net.core.somaxconn', 'kernel.msgmax'].map((name) => ({ name, value: '1' })) },
      },
      [
        'sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when \'hostNetwork\' is true',
        'sysctls[1].name: Invalid value: "kernel.msgmax": may not be specified when \'hostIPC\' is true',
      ],
    ],
  ]
  for (const [sentence, spec, faults] of pods) {
    it(`of a Pod ${sentence}`, () => {
      assert.deepEqual(
        specFaults(spec),
        faults.map((fault) => `spec.securityContext.${fault}`),
      )
    })
  }
})
