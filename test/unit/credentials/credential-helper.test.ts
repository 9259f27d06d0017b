import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askCredentialHelper } from '../../../src/credentials/credential-helper.ts'
import { KubeletError, type ErrorCode } from '../../../src/model/errors.ts'
import { helperOnPath } from './helper-on-path.ts'

describe('a Docker credential helper', () => {
  it('is given the registry on its stdin, and gives a name and a secret', async (t) => {
    await helperOnPath(t, 'good', String.raw`printf '{"Username":"%s","Secret":"%s"}' "$1" "$(cat)"`)
    assert.deepEqual(await askCredentialHelper('good', 'registry.test', t.signal), {
      username: 'get',
      password: 'registry.test',
      serverAddress: 'registry.test',
    })
  })

  it('may know nothing', async (t) => {
    await helperOnPath(t, 'ignorant', 'echo credentials not found in native keychain; exit 1')
    assert.equal(await askCredentialHelper('ignorant', 'registry.test', t.signal), undefined)
  })

  const faults: readonly (readonly [script: string, code: ErrorCode, message: RegExp])[] = [
    [
      'echo the keychain is locked; exit 3',
      'invalid',
      /failed for "registry.test" with exit code 3: the keychain is l/u,
    ],
    ['echo secret', 'invalid', /gave no Username and Secret for "registry.test"$/u],
    [`echo '{"Username":"<token>","Secret":"secret"}'`, 'unsupported', /identity token/u],
  ]
  for (const [script, code, message] of faults) {
    it(`that says \`${script}\` is no help`, async (t) => {
      await helperOnPath(t, 'bad', script)
      await assert.rejects(
        askCredentialHelper('bad', 'registry.test', t.signal),
        (error) => KubeletError.is(error, code) && message.test(error.message),
      )
    })
  }

  it('that is not there, or no plain name, is a fault of the configuration', async (t) => {
    const names: readonly (readonly [helper: string, message: RegExp])[] = [
      ['no-such-helper', /^docker-credential-no-such-helper could not be run: .*ENOENT/u],
      ['../bin/sh', /^"\.\.\/bin\/sh" is no name of a Docker credential helper$/u],
      ['', /^"" is no name/u],
    ]
    for (const [helper, message] of names) {
      await assert.rejects(
        askCredentialHelper(helper, 'registry.test', t.signal),
        (error) => KubeletError.is(error, 'configuration') && message.test(error.message),
      )
    }
  })

  it('that hangs is killed when nobody waits any more', async (t) => {
    await helperOnPath(t, 'slow', 'exec sleep 600')
    const controller = new AbortController()
    const asked = askCredentialHelper('slow', 'registry.test', controller.signal)
    controller.abort()
    await assert.rejects(asked)
  })
})
