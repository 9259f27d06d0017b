import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '../../../../src/model/kube.ts'
import { serviceVariables } from '../../../../src/translate/environment/service-variables.ts'
import { aService } from '../../../builders/environment.ts'
import { aPod } from '../../../builders/pod.ts'

const tcp = { port: 443, protocol: 'TCP' }
const api = aService('kubernetes', [{ name: 'https', ...tcp }], { clusterIP: '10.96.0.1' })

function hosts(namespace: string, enableServiceLinks: boolean, ...services: readonly Service[]): unknown {
  const pod = aPod({ metadata: { namespace }, spec: { enableServiceLinks } })
  const variables = [...serviceVariables(pod, services)]
  return Object.fromEntries(variables.filter(([name]) => name.endsWith('_SERVICE_HOST')))
}

describe('the variables of a Service', () => {
  it('are its address, its ports, those with a name by it, and Docker’s links for each', () => {
    const service = aService('my-web', [
      { name: 'http-main', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ])
    assert.deepEqual(Object.fromEntries(serviceVariables(aPod(), [service])), {
      MY_WEB_SERVICE_HOST: '10.96.0.10',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_SERVICE_PORT_HTTP_MAIN: '80',
      MY_WEB_SERVICE_PORT_DNS: '53',
      MY_WEB_PORT: 'tcp://10.96.0.10:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.10:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.10',
      MY_WEB_PORT_53_UDP: 'udp://10.96.0.10:53',
      MY_WEB_PORT_53_UDP_PROTO: 'udp',
      MY_WEB_PORT_53_UDP_PORT: '53',
      MY_WEB_PORT_53_UDP_ADDR: '10.96.0.10',
    })
  })

  it('have an IPv6 address in brackets where a port follows it', () => {
    const variables = serviceVariables(aPod(), [aService('web', [tcp], { clusterIP: 'fd00::a' })])
    assert.equal(variables.get('WEB_PORT'), 'tcp://[fd00::a]:443')
    assert.equal(variables.get('WEB_PORT_443_TCP_ADDR'), 'fd00::a')
  })

  it('are none where it has no port', () => {
    assert.deepEqual(serviceVariables(aPod(), [aService('web', [])]), new Map())
  })
})

describe('a Pod sees', () => {
  const own = aService('web', [tcp], { namespace: 'shop', clusterIP: '10.96.0.2' })

  it('the Services of its own namespace, and the API server wherever it is', () => {
    const other = aService('other', [tcp], { namespace: 'elsewhere' })
    const stranger = aService('stranger', [tcp], { namespace: 'default' })
    assert.deepEqual(hosts('shop', true, api, stranger, own, other), {
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      WEB_SERVICE_HOST: '10.96.0.2',
    })
  })

  it('the API server alone where it does not link Services', () => {
    assert.deepEqual(hosts('shop', false, api, own), { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
    assert.deepEqual(hosts('default', false, api, aService('web', [tcp])), { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
  })

  it('a Service of its own that is called like the API server’s instead of that, in whatever order they come', () => {
    const mine = aService('kubernetes', [tcp], { namespace: 'shop', clusterIP: '10.96.0.9' })
    for (const services of [
      [api, mine],
      [mine, api],
    ]) {
      assert.deepEqual(hosts('shop', true, ...services), { KUBERNETES_SERVICE_HOST: '10.96.0.9' })
    }
    assert.deepEqual(hosts('shop', false, mine, api), { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
  })
})
