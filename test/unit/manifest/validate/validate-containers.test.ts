import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../../src/model/kube.ts'
import { containerFaults, specFaults } from '../manifests.ts'

const c = 'spec.containers[0]'
const range = 'must be between 1 and 65535, inclusive'

type Case = readonly [string, Partial<ContainerSpec>, readonly string[]]

function each(cases: readonly Case[]): void {
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(containerFaults(change), expected)
    })
  }
}

describe('a container', () => {
  each([
    ['needs a name', { name: '' }, [`${c}.name: Required value`]],
    ['needs an image', { image: '' }, [`${c}.image: Required value`]],
    [
      'has an image without blanks around it',
      { image: 'nginx ' },
      [`${c}.image: Invalid value: "nginx ": must not have leading or trailing whitespace`],
    ],
    [
      'has a pull policy that there is',
      { imagePullPolicy: 'Sometimes' },
      [`${c}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`],
    ],
    [
      'has a termination message policy that there is',
      { terminationMessagePolicy: 'Log' },
      [`${c}.terminationMessagePolicy: Unsupported value: "Log": supported values: "FallbackToLogsOnError", "File"`],
    ],
    [
      'is privileged and may gain privileges, or neither',
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      [
        `${c}.securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
      ],
    ],
    [
      'may have a restart policy and rules of its own',
      {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
      },
      [],
    ],
    [
      'has a restart policy and rules that there can be',
      {
        restartPolicy: 'always',
        restartPolicyRules: [{ action: 'Stop', exitCodes: { operator: 'Is' } }, { action: 'Restart' }],
      },
      [
        `${c}.restartPolicy: Unsupported value: "always": supported values: "Always", "Never", "OnFailure"`,
        `${c}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`,
        `${c}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"`,
        `${c}.restartPolicyRules[1].exitCodes: Required value: must be specified`,
      ],
    ],
    [
      'has no restart rules without a restart policy',
      { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] },
      [`${c}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`],
    ],
    [
      'has no more restart rules and exit codes than there may be',
      {
        restartPolicy: 'Never',
        restartPolicyRules: Array.from({ length: 21 }, (_, index) => ({
          action: 'RestartAllContainers',
          exitCodes: { operator: 'In', values: Array.from({ length: index === 0 ? 256 : 255 }, (__, code) => code) },
        })),
      },
      [
        `${c}.restartPolicyRules: Too many: 21: must have at most 20 items`,
        `${c}.restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items`,
      ],
    ],
    [
      'runs as users and with profiles that there can be',
      { securityContext: { runAsGroup: -5, seccompProfile: { type: 'Loose' }, procMount: 'All' } },
      [
        `${c}.securityContext.runAsGroup: Invalid value: -5: must be between 0 and 2147483647, inclusive`,
        `${c}.securityContext.seccompProfile.type: Unsupported value: "Loose": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
        `${c}.securityContext.procMount: Unsupported value: "All": supported values: "Default", "Unmasked"`,
      ],
    ],
  ])

  it('shares its name with no other, init containers included', () => {
    const container = { name: 'main', image: 'nginx' }
    assert.deepEqual(specFaults({ containers: [container, container], initContainers: [container] }), [
      'spec.containers[1].name: Duplicate value: "main"',
      'spec.initContainers[0].name: Duplicate value: "main"',
    ])
  })

  it('that only initialises has no probes and hooks', () => {
    const init = { name: 'init', image: 'busybox', livenessProbe: { exec: { command: ['true'] } } }
    assert.deepEqual(specFaults({ initContainers: [init] }), [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ])
    assert.deepEqual(specFaults({ initContainers: [{ ...init, restartPolicy: 'Always' }] }), [])
  })
})

describe('a container’s environment', () => {
  const env = (variable: NonNullable<ContainerSpec['env']>[number]): Partial<ContainerSpec> => ({ env: [variable] })
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.name' }
  const resourceFieldRef = { resource: 'limits.cpu' }
  const at = `${c}.env[0]`
  each([
    ['may have names with dots and blanks', env({ name: 'a.b c:d' }), []],
    ['needs names', env({ name: '' }), [`${at}.name: Required value`]],
    [
      'has names without "="',
      env({ name: 'a=b' }),
      [
        `${at}.name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      ],
    ],
    [
      'has one source for a value',
      env({ name: 'A', valueFrom: {} }),
      [
        `${at}.valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
      ],
    ],
    [
      'has not two sources for a value',
      env({ name: 'A', valueFrom: { fieldRef, resourceFieldRef } }),
      [`${at}.valueFrom: Invalid value: "": may not have more than one field specified at a time`],
    ],
    [
      'has a value or a source',
      env({ name: 'A', value: 'x', valueFrom: { fieldRef } }),
      [`${at}.valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
    ],
    [
      'says which field is meant',
      env({ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: '' } } }),
      [`${at}.valueFrom.fieldRef.fieldPath: Required value`],
    ],
    [
      'says which object is meant',
      { envFrom: [{ prefix: 'a=' }] },
      [
        `${c}.envFrom[0].prefix: Invalid value: "a=": a valid environment variable name must consist only of printable ASCII characters other than '='`,
        `${c}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
      ],
    ],
  ])
})

describe('a container’s ports', () => {
  const ports = (...list: NonNullable<ContainerSpec['ports']>): Partial<ContainerSpec> => ({ ports: list })
  each([
    ['need a number', ports({ containerPort: 0 }), [`${c}.ports[0].containerPort: Required value`]],
    [
      'have numbers that there are',
      ports({ containerPort: 65_536 }),
      [`${c}.ports[0].containerPort: Invalid value: 65536: ${range}`],
    ],
    [
      'have host ports that there are',
      ports({ containerPort: 1, hostPort: -1 }),
      [`${c}.ports[0].hostPort: Invalid value: -1: ${range}`],
    ],
    [
      'have protocols that there are',
      ports({ containerPort: 1, protocol: 'tcp' }),
      [`${c}.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"`],
    ],
    [
      'have addresses of the host',
      ports({ containerPort: 1, hostIP: 'host' }),
      [`${c}.ports[0].hostIP: Invalid value: "host": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`],
    ],
    [
      'have names of their own',
      ports({ containerPort: 1, name: 'web' }, { containerPort: 2, name: 'web' }),
      [`${c}.ports[1].name: Duplicate value: "web"`],
    ],
    [
      'take each port of the host once',
      ports(
        { containerPort: 1, hostPort: 8080 },
        { containerPort: 2, hostPort: 8080 },
        { containerPort: 2, hostPort: 8080, protocol: 'UDP' },
      ),
      [`${c}.ports[1].hostPort: Duplicate value: "TCP//8080"`],
    ],
  ])

  const names: Readonly<Record<string, string>> = {
    'sixteen-letters-': 'must be no more than 15 characters',
    Web: 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    '80': 'must contain at least one letter (a-z)',
    'a--b': 'must not contain consecutive hyphens',
    'a-': 'must not begin or end with a hyphen',
  }
  each(
    Object.entries(names).map(([name, detail]) => [
      `are not named "${name}"`,
      ports({ containerPort: 1, name }),
      [`${c}.ports[0].name: Invalid value: "${name}": ${detail}`],
    ]),
  )

  it('are the host’s own on the host’s network', () => {
    assert.deepEqual(containerFaults(ports({ containerPort: 80, hostPort: 81 }), { hostNetwork: true }), [
      `${c}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
    ])
  })
})

describe('a container’s probes and hooks', () => {
  const command = ['true']
  each([
    [
      'send headers whose names are names',
      { livenessProbe: { httpGet: { port: 1, path: '/', httpHeaders: [{ name: 'X Y', value: '' }] } } },
      [
        `${c}.livenessProbe.httpGet.httpHeaders: Invalid value: "X Y": a valid HTTP header must consist of alphanumeric characters or '-'`,
      ],
    ],
    ['need a way to ask', { livenessProbe: {} }, [`${c}.livenessProbe: Required value: must specify a handler type`]],
    [
      'have not two ways to ask',
      { livenessProbe: { exec: { command }, tcpSocket: { port: 1 } } },
      [`${c}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
    ],
    [
      'know what to ask',
      { readinessProbe: { exec: {} }, startupProbe: { httpGet: { port: 0, path: '', scheme: 'FTP' } } },
      [
        `${c}.readinessProbe.exec.command: Required value`,
        `${c}.startupProbe.httpGet.path: Required value`,
        `${c}.startupProbe.httpGet.port: Invalid value: 0: ${range}`,
        `${c}.startupProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
      ],
    ],
    [
      'have times that there are',
      { readinessProbe: { exec: { command }, periodSeconds: -1, terminationGracePeriodSeconds: 0 } },
      [
        `${c}.readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`,
        `${c}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`,
        `${c}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must not be set for readinessProbes`,
      ],
    ],
    [
      'of life and start succeed at once',
      {
        livenessProbe: { exec: { command }, successThreshold: 2 },
        readinessProbe: { exec: { command }, successThreshold: 2 },
        startupProbe: { grpc: { port: 70_000 }, successThreshold: 2 },
      },
      [
        `${c}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
        `${c}.startupProbe.grpc.port: Invalid value: 70000: ${range}`,
        `${c}.startupProbe.successThreshold: Invalid value: 2: must be 1`,
      ],
    ],
    [
      'name ports by names that ports may have',
      { lifecycle: { preStop: { tcpSocket: { port: '80' } }, postStart: {} } },
      [
        `${c}.lifecycle.postStart: Required value: must specify a handler type`,
        `${c}.lifecycle.preStop.tcpSocket.port: Invalid value: "80": must contain at least one letter (a-z)`,
      ],
    ],
  ])
})
