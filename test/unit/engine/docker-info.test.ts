import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { observeInfo } from '../../../src/engine/docker-info.ts'

/** Of Docker 29.6 with runc 1.3, cut short. */
const features = JSON.stringify({
  ociVersionMin: '1.0.0',
  ociVersionMax: '1.2.1',
  mountOptions: ['bind', 'rbind', 'ro', 'rprivate', 'rro', 'rw'],
})
const able = { path: 'runc', status: { 'org.opencontainers.runtime-spec.features': features } }

function recursive(Runtimes: object, { api = '1.44', kernel = '6.1.0-18-amd64' } = {}): readonly string[] {
  return observeInfo({ KernelVersion: kernel, Runtimes, DefaultRuntime: 'runc' }, api).recursiveReadOnlyRuntimes
}

describe('what Docker tells of its runtimes', () => {
  it('has those that can make mounts recursively read-only', () => {
    assert.deepEqual(recursive({ runc: able, old: { path: 'old' }, 'io.containerd.runc.v2': able }), [
      'io.containerd.runc.v2',
      'runc',
    ])
  })

  it('has none of them where the daemon is too old to ask for that, or the kernel to do it', () => {
    assert.deepEqual(recursive({ runc: able }, { api: '1.43' }), [])
    assert.deepEqual(recursive({ runc: able }, { kernel: '5.11.22' }), [])
    assert.deepEqual(recursive({ runc: able }, { kernel: '4.19' }), [])
    assert.deepEqual(recursive({ runc: able }, { api: '2.0', kernel: '5.12.0-rc1' }), ['runc'])
  })

  it('has none whose features say nothing of it, or nothing that can be read', () => {
    for (const told of ['{}', '{"mountOptions":["ro"]}', '{"mountOptions":{}}', 'null', '{']) {
      const runc = { path: 'runc', status: { 'org.opencontainers.runtime-spec.features': told } }
      assert.deepEqual(recursive({ runc }), [], told)
    }
  })

  it('is read from a daemon that tells nothing of its runtimes', () => {
    assert.deepEqual(recursive({ runc: { path: 'runc' }, testbed: { path: '/usr/bin/testbed', status: null } }), [])
  })
})
