import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { loadDockerode } from '../../../../src/engine/connection/load-dockerode.ts'

describe('loadDockerode', () => {
  it('gives dockerode without the libraries that nobody here calls', () => {
    const Docker = loadDockerode()
    assert.equal(typeof new Docker({ socketPath: '/run/docker.sock' }).getContainer('f1').start, 'function')
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    assert.ok(loaded.some((path) => path.includes('/node_modules/docker-modem/lib/modem.js')))
    assert.deepEqual(
      loaded.filter((path) => /\/node_modules\/(@grpc|protobufjs|ssh2)\//u.test(path)),
      [],
    )
  })

  it('says so when something of what was left out is called', async () => {
    const Docker = loadDockerode()
    const docker = new Docker({ host: 'docker', protocol: 'ssh' })
    await assert.rejects(async () => docker.ping(), /left out of minikubelet/u)
  })
})
