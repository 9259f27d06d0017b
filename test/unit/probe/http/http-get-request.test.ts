import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { httpGetRequest, type HttpGetAction, type HttpGetRequest } from '../../../../src/probe/http/http-get-request.ts'
import { aContainer } from '../../../builders/pod.ts'

const container = aContainer({ ports: [{ name: 'web', containerPort: 8080 }] })
const context = { container, podIp: '10.1.0.5', userAgent: 'kube-probe/1.36' }

function built(action: Partial<HttpGetAction>): HttpGetRequest {
  const result = httpGetRequest({ port: 80, ...action }, context)
  assert.ok(result.kind === 'request')
  return result.request
}

describe('httpGetRequest', () => {
  it("asks at the Pod's address over HTTP, saying who asks and taking anything", () => {
    assert.deepEqual(built({ path: '/healthz', scheme: 'HTTP' }), {
      url: { scheme: 'http', host: '10.1.0.5', port: 80, pathAndQuery: '/healthz', text: 'http://10.1.0.5:80/healthz' },
      headers: [
        ['User-Agent', 'kube-probe/1.36'],
        ['Accept', '*/*'],
      ],
      host: undefined,
    })
  })

  it('asks elsewhere, over TLS and at a named port, where the action says so', () => {
    const { url } = built({ host: '127.0.0.1', scheme: 'HTTPS', port: 'web', path: '/' })
    assert.equal(url.text, 'https://127.0.0.1:8080/')
  })

  for (const [title, httpHeaders, headers, host] of [
    [
      'sends headers as they are given, each as often',
      [
        { name: 'x-custom', value: 'one' },
        { name: 'content-length', value: '7' },
        { name: 'X-Custom', value: 'two' },
      ],
      [
        ['X-Custom', 'one'],
        ['X-Custom', 'two'],
        ['User-Agent', 'kube-probe/1.36'],
        ['Accept', '*/*'],
      ],
      undefined,
    ],
    [
      'lets a header of the action stand for its own',
      [
        { name: 'user-agent', value: 'me' },
        { name: 'accept', value: 'text/html' },
      ],
      [
        ['User-Agent', 'me'],
        ['Accept', 'text/html'],
      ],
      undefined,
    ],
    [
      'sends neither Accept nor User-Agent where the action has them empty',
      [
        { name: 'User-Agent', value: '' },
        { name: 'Accept', value: '' },
      ],
      [],
      undefined,
    ],
    [
      'takes the Host header for the name of the virtual host',
      [{ name: 'Host', value: 'example.com' }],
      [
        ['User-Agent', 'kube-probe/1.36'],
        ['Accept', '*/*'],
      ],
      'example.com',
    ],
  ] as const) {
    it(title, () => {
      const request = built({ httpHeaders })
      assert.deepEqual(request.headers, headers)
      assert.equal(request.host, host)
    })
  }

  it('says what is wrong with a port that does not exist', () => {
    const message = 'strconv.Atoi: parsing "http": invalid syntax'
    assert.deepEqual(httpGetRequest({ port: 'http' }, context), { kind: 'invalid', message })
  })
})
