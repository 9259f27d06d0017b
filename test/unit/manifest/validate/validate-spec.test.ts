import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../../src/model/kube.ts'
import { formatFault } from '../../../../src/manifest/field-fault.ts'
import { validatePod } from '../../../../src/manifest/validate/validate-pod.ts'
import { specFaults, webPod } from '../manifests.ts'

const address = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const underscored =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
const domains = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `d${index}.example`)
const longNames = domains(9).map((name) => `${'a.'.repeat(110)}${name}`)

describe('a Pod’s spec', () => {
  const cases: readonly (readonly [string, Partial<Pod['spec']>, readonly string[]])[] = [
    ['may be as it is', {}, []],
    ['needs containers', { containers: [] }, ['spec.containers: Required value']],
    [
      'has one of three restart policies',
      { restartPolicy: 'always' },
      ['spec.restartPolicy: Unsupported value: "always": supported values: "Always", "OnFailure", "Never"'],
    ],
    ['may not have any host name', { hostname: 'a.b' }, [`spec.hostname: Invalid value: "a.b": ${label}`]],
    ['may not have any subdomain', { subdomain: 'A' }, [`spec.subdomain: Invalid value: "A": ${label}`]],
    [
      'has a deadline in the future',
      { activeDeadlineSeconds: 0 },
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ],
    [
      'is not made with ephemeral containers',
      { ephemeralContainers: [{ name: 'debug' }] },
      ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
    [
      'shares one process namespace or the other',
      { hostPID: true, shareProcessNamespace: true },
      ['spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled'],
    ],
    [
      'has one of four DNS policies',
      { dnsPolicy: 'Any' },
      [
        'spec.dnsPolicy: Unsupported value: "Any": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
    ],
    [
      'needs name servers with DNS policy None',
      { dnsPolicy: 'None', dnsConfig: {} },
      ['spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
    ],
    [
      'needs a DNS configuration with DNS policy None',
      { dnsPolicy: 'None' },
      ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      'has at most three name servers, by address',
      { dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', 'ns'], options: [{ value: '1' }] } },
      [
        'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","ns"]: must not have more than 3 nameservers',
        `spec.dnsConfig.nameservers[3]: Invalid value: "ns": ${address}`,
        'spec.dnsConfig.options[0]: Required value: must not be empty',
      ],
    ],
    [
      'may search the root, and names with underscores',
      { dnsConfig: { searches: ['.', 'example.com.', '_sip._tcp.abc_d.example.com'] } },
      [],
    ],
    [
      'has at most 32 searches',
      { dnsConfig: { searches: domains(33) } },
      [
        `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(domains(33))}: must not have more than 32 search paths`,
      ],
    ],
    [
      'has a list of searches that a resolver reads',
      { dnsConfig: { searches: longNames } },
      [
        `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(longNames)}: must not have more than 2048 characters (including spaces) in the search list`,
      ],
    ],
    [
      'searches DNS names',
      { dnsConfig: { searches: ['A.example', 'a_', `${'a.'.repeat(126)}ab`] } },
      [
        `spec.dnsConfig.searches[0]: Invalid value: "A.example": ${underscored}`,
        `spec.dnsConfig.searches[1]: Invalid value: "a_": ${underscored}`,
        `spec.dnsConfig.searches[2]: Invalid value: "${'a.'.repeat(126)}ab": must be no more than 253 bytes`,
      ],
    ],
    ['may have another name than its own', { hostnameOverride: 'web.example.com', hostname: 'web' }, []],
    [
      'has such a name in its own network only, and with no domain behind it',
      { hostnameOverride: 'web', hostNetwork: true, setHostnameAsFQDN: true },
      [
        'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
        'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      ],
    ],
    [
      'has a name of 64 characters at most',
      { hostnameOverride: 'a'.repeat(65) },
      ['spec.hostnameOverride: Too long: may not be more than 64 bytes'],
    ],
    ['is named as in DNS', { hostnameOverride: '' }, [`spec.hostnameOverride: Invalid value: "": ${subdomain}`]],
    [
      'has no users of its own in namespaces of the host',
      { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
      [
        'spec.hostNetwork: Forbidden: when `hostUsers` is false',
        'spec.HostPID: Forbidden: when `hostUsers` is false',
        'spec.HostIPC: Forbidden: when `hostUsers` is false',
      ],
    ],
    [
      'has aliases of addresses that are host names',
      { hostAliases: [{ ip: '10.1', hostnames: ['foo.local', 'foo_bar'] }] },
      [
        `spec.hostAliases[0].ip: Invalid value: "10.1": ${address}`,
        `spec.hostAliases[0].hostnames[1]: Invalid value: "foo_bar": ${subdomain}`,
      ],
    ],
    [
      'runs as users and groups that there can be',
      {
        securityContext: { runAsUser: -1, fsGroup: 2 ** 31, supplementalGroups: [1, -1], fsGroupChangePolicy: 'Never' },
      },
      [
        'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
      ],
    ],
    [
      'has sysctls with names',
      { securityContext: { sysctls: [{ name: '', value: '1' }] } },
      ['spec.securityContext.sysctls[0].name: Required value'],
    ],
  ]
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(specFaults(change), expected)
    })
  }
})

describe('a Pod’s metadata', () => {
  const cases: readonly (readonly [string, Partial<Pod['metadata']>, readonly string[]])[] = [
    ['needs a name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['has a DNS name', { name: 'a_b' }, [`metadata.name: Invalid value: "a_b": ${subdomain}`]],
    ['has a namespace without dots', { namespace: 'a.b' }, [`metadata.namespace: Invalid value: "a.b": ${label}`]],
    [
      'has labels with names and short values',
      { labels: { 'a/b/c': 'x', ok: 'x'.repeat(64) } },
      [
        `metadata.labels: Invalid value: "a/b/c": a qualified name must be a name with an optional DNS subdomain prefix and '/'`,
        `metadata.labels: Invalid value: "${'x'.repeat(64)}": must be no more than 63 bytes`,
      ],
    ],
    [
      'has annotations with names, in any case',
      { annotations: { 'Example.com/A': 'x', '/b': 'y' } },
      ['metadata.annotations: Invalid value: "/b": prefix part must be non-empty'],
    ],
    [
      'has annotations of 256 KiB at most',
      { annotations: { a: 'x'.repeat(262_144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
  ]
  for (const [sentence, change, expected] of cases) {
    it(sentence, () => {
      const pod = webPod()
      assert.deepEqual(validatePod({ ...pod, metadata: { ...pod.metadata, ...change } }).map(formatFault), expected)
    })
  }
})
