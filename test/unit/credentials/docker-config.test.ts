import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDockerConfig, parseDockercfg } from '../../../src/credentials/docker-config.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const login = { username: 'u', password: 'p' }

describe('a config.json', () => {
  it('holds entries by registry, and names helpers', () => {
    const text = JSON.stringify({
      auths: { 'a.test': { ...login, email: 'e' }, 'b.test': { ...login, auth: 'eDp5' }, 'c.test': {} },
      credsStore: 'store',
      credHelpers: { 'd.test': 'own' },
      HttpHeaders: {},
    })
    assert.deepEqual(parseDockerConfig(text), {
      entries: [
        { registry: 'a.test', ...login },
        { registry: 'b.test', username: 'x', password: 'y' },
      ],
      credsStore: 'store',
      credHelpers: new Map([['d.test', 'own']]),
    })
  })

  it('may say nothing', () => {
    const nothing = { entries: [], credsStore: undefined, credHelpers: new Map() }
    assert.deepEqual(parseDockerConfig('{}'), nothing)
    assert.deepEqual(parseDockerConfig('{"auths":null,"credsStore":"","credHelpers":{"a":1}}'), nothing)
  })
})

it('a .dockercfg holds the entries themselves', () => {
  assert.deepEqual(parseDockercfg('{"a.test":{"username":"u","password":"p"}}'), [{ registry: 'a.test', ...login }])
})

describe('auth', () => {
  const good: readonly (readonly [auth: string, username: string, password: string])[] = [
    ['dXNlcjpwYXNz', 'user', 'pass'],
    ['dTpw', 'u', 'p'],
    ['dXM6cGFzcw==', 'us', 'pass'],
    ['dXM6cGFzcw', 'us', 'pass'],
    ['dTphOmI=', 'u', 'a:b'],
    ['dTo=', 'u', ''],
  ]
  for (const [auth, username, password] of good) {
    it(`"${auth}" is ${username} with "${password}"`, () => {
      assert.deepEqual(parseDockercfg(JSON.stringify({ r: { auth } })), [{ registry: 'r', username, password }])
    })
  }
})

describe('garbage', () => {
  const texts: readonly (readonly [text: string, message: string])[] = [
    ['secret', 'it is not JSON'],
    ['["secret"]', 'it is not a JSON object'],
    ['{"auths":["secret"]}', '"auths" is not a JSON object'],
    ['{"auths":{"a":"secret"}}', 'the entry of "a" is not a JSON object'],
    ['{"auths":{"a":{"password":["secret"]}}}', '"password" of "a" is not a string'],
    ['{"auths":{"a":{"auth":"secret!"}}}', '"auth" of "a" is not the base64 of "user:password"'],
    ['{"auths":{"a":{"auth":"dTpw!"}}}', '"auth" of "a" is not the base64 of "user:password"'],
    ['{"auths":{"a":{"auth":"c2VjcmV0"}}}', '"auth" of "a" is not the base64 of "user:password"'],
  ]
  for (const [text, message] of texts) {
    it(`is refused without a word of it: ${message}`, () => {
      const isSaid = (error: unknown): boolean => KubeletError.is(error, 'invalid') && error.message === message
      assert.throws(() => parseDockerConfig(text), isSaid)
      assert.doesNotMatch(message, /secret/u)
    })
  }
})
