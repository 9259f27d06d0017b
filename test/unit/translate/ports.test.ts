import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import { portBindings, type PortBindings } from '../../../src/translate/ports.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

type Ports = NonNullable<ContainerSpec['ports']>

describe('portBindings', () => {
  const cases: readonly (readonly [title: string, ports: Ports, bindings: PortBindings])[] = [
    ['publishes nothing without ports', [], {}],
    ['publishes no port without a hostPort', [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }], {}],
    [
      'publishes a port with a hostPort',
      [{ containerPort: 80, hostPort: 8080 }],
      { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
    ],
    [
      'binds to the address that is asked for',
      [{ containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1', protocol: 'TCP' }],
      { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
    ],
    [
      'tells protocols apart',
      [
        { containerPort: 53, hostPort: 53, protocol: 'UDP' },
        { containerPort: 53, hostPort: 53, protocol: 'TCP' },
        { containerPort: 53, hostPort: 53, protocol: 'SCTP' },
      ],
      {
        '53/udp': [{ HostIp: '', HostPort: '53' }],
        '53/tcp': [{ HostIp: '', HostPort: '53' }],
        '53/sctp': [{ HostIp: '', HostPort: '53' }],
      },
    ],
    [
      'publishes one port at several host ports',
      [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 80, hostPort: 8081 },
      ],
      {
        '80/tcp': [
          { HostIp: '', HostPort: '8080' },
          { HostIp: '', HostPort: '8081' },
        ],
      },
    ],
  ]
  for (const [title, ports, bindings] of cases) {
    it(title, () => {
      assert.deepEqual(portBindings(aPod({ spec: { containers: [aContainer({ ports })] } })), bindings)
    })
  }

  it('gathers the ports of all containers', () => {
    const containers = [
      aContainer({ name: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] }),
      aContainer({ name: 'b' }),
      aContainer({ name: 'c', ports: [{ containerPort: 443, hostPort: 8443 }] }),
    ]
    assert.deepEqual(portBindings(aPod({ spec: { containers } })), {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '443/tcp': [{ HostIp: '', HostPort: '8443' }],
    })
  })

  it('gathers those of sidecars too, but for host ports that a container has', () => {
    const sidecar = (name: string, ports: Ports): ContainerSpec => aContainer({ name, restartPolicy: 'Always', ports })
    const initContainers = [
      sidecar('a', [{ containerPort: 9000, hostPort: 8080 }]),
      sidecar('b', [
        { containerPort: 9001, hostPort: 8080, protocol: 'UDP' },
        { containerPort: 9002, hostPort: 9002 },
      ]),
      aContainer({ name: 'init', ports: [{ containerPort: 9003, hostPort: 9003 }] }),
    ]
    const containers = [aContainer({ ports: [{ containerPort: 80, hostPort: 8080 }] })]
    assert.deepEqual(portBindings(aPod({ spec: { initContainers, containers } })), {
      '80/tcp': [{ HostIp: '', HostPort: '8080' }],
      '9001/udp': [{ HostIp: '', HostPort: '8080' }],
      '9002/tcp': [{ HostIp: '', HostPort: '9002' }],
    })
  })

  it("publishes nothing on the host's network", () => {
    const containers = [aContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })]
    assert.deepEqual(portBindings(aPod({ spec: { hostNetwork: true, containers } })), {})
  })
})
