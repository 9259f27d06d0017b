import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findCredentials } from '../../../src/credentials/keyring.ts'

/** One entry for each registry; its user is named for it. */
function keys(...registries: readonly string[]) {
  return registries.map((registry) => ({ registry, username: registry, password: 'p' }))
}

function found(registries: readonly string[], image: string): readonly string[] {
  return findCredentials(keys(...registries), image).map(({ username }) => username)
}

describe('the key of a registry', () => {
  const matching: readonly (readonly [key: string, image: string])[] = [
    ['registry.test', 'registry.test/app:1'],
    ['https://registry.test', 'registry.test/app'],
    ['http://registry.test/', 'registry.test/app'],
    ['https://registry.test/v1/', 'registry.test/app'],
    ['registry.test/v2', 'registry.test/app'],
    ['registry.test/v2/team', 'registry.test/team/app'],
    ['registry.test:5000', 'registry.test:5000/app'],
    ['registry.test/te', 'registry.test/team/app'],
    ['registry.test/team/app', 'registry.test/team/app@sha256:00'],
    ['*.registry.test', 'eu.registry.test/app'],
    ['a*c*e.test', 'abcde.test/app'],
    ['*.*', 'registry.test/app'],
    ['pre*post.*.test:5000', 'pre-x-post.y.test:5000/app'],
    ['127.0.0.1:5000', '127.0.0.1:5000/app'],
    ['localhost', 'localhost/app'],
    ['https://index.docker.io/v1/', 'busybox'],
    ['index.docker.io', 'team/app'],
    ['docker.io', 'busybox'],
    ['docker.io/team', 'team/app'],
    ['https://index.docker.io/v1/', 'docker.io/team/app'],
  ]
  for (const [key, image] of matching) {
    it(`${key} is for ${image}`, () => assert.deepEqual(found([key], image), [key]))
  }

  const others: readonly (readonly [key: string, image: string])[] = [
    ['registry.test', 'other.test/app'],
    ['registry.test', 'registry.test:5000/app'],
    ['registry.test:5000', 'registry.test/app'],
    ['registry.test/team', 'registry.test/other/app'],
    ['*.registry.test', 'registry.test/app'],
    ['*.registry.test', 'a.b.registry.test/app'],
    ['*', 'registry.test/app'],
    ['registryxtest', 'registry.test/app'],
    ['ab*bc.test', 'abc.test/app'],
    ['a*x*e.test', 'abcde.test/app'],
    ['e?.registry.test', 'eu.registry.test/app'],
    ['registry.test', 'busybox'],
    ['index.docker.io', 'localhost/app'],
    ['index.docker.io', 'registry.test/app'],
  ]
  for (const [key, image] of others) {
    it(`${key} is not for ${image}`, () => assert.deepEqual(found([key], image), []))
  }
})

describe('several keys for an image', () => {
  it('come with the most specific first', () => {
    const registries = ['*.test', 'registry.test', 'registry.test/team/app', 'other.test', 'registry.test/team']
    assert.deepEqual(found(registries, 'registry.test/team/app'), [
      'registry.test/team/app',
      'registry.test/team',
      'registry.test',
      '*.test',
    ])
  })

  it('of one registry keep their order, and none is given twice', () => {
    const entry = (username: string) => ({ registry: 'https://registry.test', username, password: 'p' })
    const entries = [entry('b'), { ...entry('a'), registry: 'registry.test/v2/' }, entry('b')]
    assert.deepEqual(findCredentials(entries, 'registry.test/app'), [
      { username: 'b', password: 'p', serverAddress: 'registry.test' },
      { username: 'a', password: 'p', serverAddress: 'registry.test' },
    ])
  })

  it("of Docker's own registry yield to one of its other name", () => {
    assert.deepEqual(found(['https://index.docker.io/v1/', 'docker.io/library'], 'busybox'), ['docker.io/library'])
  })
})
