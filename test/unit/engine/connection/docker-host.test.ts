import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerHost, formatDockerHost } from '../../../../src/engine/connection/docker-host.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const plain = { kind: 'tcp', hostname: 'docker.local', port: 2375, certificates: undefined }

describe('dockerHost', () => {
  it('prefers the flag to the environment, and that to the usual socket', () => {
    const environment = { DOCKER_HOST: 'tcp://docker.local:2375' }
    assert.deepEqual(dockerHost('unix:///run/d.sock', environment), { kind: 'unix', path: '/run/d.sock' })
    assert.deepEqual(dockerHost(undefined, environment), plain)
    assert.deepEqual(dockerHost('', { DOCKER_HOST: '' }), { kind: 'unix', path: '/var/run/docker.sock' })
  })

  it("reads a TCP address, with Docker's own ports where none is given", () => {
    const tls = { DOCKER_CERT_PATH: '/certs' }
    assert.deepEqual(dockerHost('tcp://docker.local', {}), plain)
    assert.deepEqual(dockerHost('tcp://docker.local/', tls), { ...plain, port: 2376, certificates: '/certs' })
    assert.deepEqual(dockerHost('tcp://docker.local:80', {}), { ...plain, port: 80 })
    assert.deepEqual(dockerHost('tcp://[::1]:4243', {}), { ...plain, hostname: '::1', port: 4243 })
  })

  const refused = {
    'docker.sock': 'expected unix:///PATH or tcp://HOST:PORT',
    '/var/run/docker.sock': 'expected unix:///PATH or tcp://HOST:PORT',
    'npipe:////./pipe/docker_engine': 'expected unix:///PATH or tcp://HOST:PORT',
    'unix://docker.sock': 'the path of a socket must be absolute: unix:///PATH',
    'tcp://': 'expected tcp://HOST:PORT',
    'tcp://docker:port': 'expected tcp://HOST:PORT',
    'tcp://docker:2375/v1': 'expected tcp://HOST:PORT',
    'tcp://me@docker:2375': 'expected tcp://HOST:PORT',
    'ssh://me@docker':
      'ssh is not supported: forward the socket (ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST) and give ' +
      'unix:///tmp/docker.sock',
  }
  for (const [value, reason] of Object.entries(refused)) {
    it(`refuses ${value}, naming where it was written`, () => {
      const flag = new KubeletError('configuration', `--docker-host "${value}": ${reason}`)
      assert.throws(() => dockerHost(value, {}), flag)
      const variable = new KubeletError('configuration', `DOCKER_HOST "${value}": ${reason}`)
      assert.throws(() => dockerHost(undefined, { DOCKER_HOST: value }), variable)
    })
  }
})

describe('formatDockerHost', () => {
  it('writes an address as it was read', () => {
    for (const value of ['unix:///run/d.sock', 'tcp://docker.local:2375', 'tcp://[::1]:4243']) {
      assert.equal(formatDockerHost(dockerHost(value, {})), value)
    }
  })
})
