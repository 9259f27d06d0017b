import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { flagPage, pageForm, statusPage } from '../../../../src/server/info/pages.ts'

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'

describe('pages about the agent', () => {
  const forms: readonly (readonly [accept: string | undefined, form: string])[] = [
    [undefined, 'text'],
    ['', 'text'],
    ['text/plain', 'text'],
    ['application/json, */*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['application/json;g=config.k8s.io;v=v1beta1;as=Flagz', 'v1beta1'],
    ['application/json; v=v1alpha1; g=config.k8s.io; as=Flagz', 'v1alpha1'],
    ['application/yaml;g=config.k8s.io;v=v1beta1;as=Flagz,text/plain', 'v1beta1'],
    ['application/json', 'none'],
    ['application/json;g=config.k8s.io;v=v1beta1;as=Statusz', 'none'],
    ['application/json;g=config.k8s.io;v=v1;as=Flagz', 'none'],
    ['text/html', 'none'],
  ]
  for (const [accept, form] of forms) {
    it(`have the form "${form}" for "Accept: ${accept ?? ''}"`, () => assert.equal(pageForm(accept, 'Flagz'), form))
  }

  it('list every flag by its name', () => {
    const flags = { v: '2', address: '0.0.0.0', kubeconfig: '' }
    const { status, contentType, body } = flagPage('text', flags)
    assert.deepEqual([status, contentType], [200, 'text/plain; charset=utf-8'])
    assert.equal(body, `\nkubelet flagz\n${warning}\naddress: 0.0.0.0\nkubeconfig: \nv: 2\n`)
    const object = { kind: 'Flagz', apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'kubelet' }, flags }
    assert.deepEqual(JSON.parse(flagPage('v1beta1', flags).body), object)
  })

  it('say what the agent is, and how long it runs', () => {
    const startedAtMs = Date.parse('2026-05-03T04:05:06.789Z')
    const nowMs = startedAtMs + ((25 * 60 + 3) * 60 + 4) * 1000
    const agent = { startedAtMs, nowMs, platform: 'Node.js v24.1.0', release: '1.36.0' }
    const lines = [
      '',
      'kubelet statusz',
      warning,
      '',
      'Started: Sun May  3 04:05:06 UTC 2026',
      'Up: 25 hr 03 min 04 sec',
      'Go version: Node.js v24.1.0',
      'Binary version: 1.36.0',
      'Emulation version: 1.36',
      'Paths: /configz /debug /flagz /healthz /metrics',
      '',
    ]
    assert.equal(statusPage('text', agent).body, lines.join('\n'))
    assert.deepEqual(JSON.parse(statusPage('v1beta1', agent).body), {
      kind: 'Statusz',
      apiVersion: 'config.k8s.io/v1beta1',
      metadata: { name: 'kubelet' },
      startTime: '2026-05-03T04:05:06Z',
      uptimeSeconds: 90_184,
      goVersion: 'Node.js v24.1.0',
      binaryVersion: '1.36.0',
      emulationVersion: '1.36',
      paths: ['/configz', '/debug', '/flagz', '/healthz', '/metrics'],
    })
  })

  it('are refused to who takes none of their forms', () => {
    const { status, body } = flagPage('none', {})
    assert.equal(status, 406)
    assert.partialDeepStrictEqual(JSON.parse(body), { kind: 'Status', reason: 'NotAcceptable', code: 406 })
  })
})
