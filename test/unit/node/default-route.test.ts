import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultRouteInterfaces } from '../../../src/node/default-route.ts'

const ipv4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	010200C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
tun0	00000000	00000000	0001	0	0	50	00000080	0	0	0
`
const zero = '0'.repeat(32)
const gateway = `fe80${'0'.repeat(27)}1`
const ipv6 = `fd000000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0
${zero} 00 ${zero} 00 ${gateway} 00000400 00000001 00000000 00000003     eth1
${zero} 00 ${zero} 00 ${gateway} 00000064 00000001 00000000 00000003     eth2
${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo
`

describe('defaultRouteInterfaces', () => {
  it('finds the interfaces of default routes, the lowest metric first', () => {
    assert.deepEqual(defaultRouteInterfaces({ ipv4, ipv6: '' }), ['eth0', 'wlan0'])
    assert.deepEqual(defaultRouteInterfaces({ ipv4: '', ipv6 }), ['eth2', 'eth1'])
  })

  it('puts IPv4 before IPv6', () => {
    assert.deepEqual(defaultRouteInterfaces({ ipv4, ipv6 }), ['eth0', 'wlan0', 'eth2', 'eth1'])
  })

  it('finds none where there are none', () => {
    assert.deepEqual(defaultRouteInterfaces({ ipv4: '', ipv6: '' }), [])
  })
})
