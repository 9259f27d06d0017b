import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { resolveCredentials } from '../../../src/cluster/resolve-credentials.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const certificate = '-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const server = 'https://10.0.0.1:6443'
const cluster = { server, 'certificate-authority-data': base64(certificate) }
const user = { token: 'secret' }

interface Change {
  readonly cluster?: object
  readonly user?: object
  /** Replaces members of the whole. */
  readonly whole?: object
}

/** A kubeconfig with one of each, with the members of the test in place of the usual ones. */
function kubeconfig(change: Change = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'local', user: 'node' } }],
    clusters: [{ name: 'local', cluster: { ...cluster, ...change.cluster } }],
    users: [{ name: 'node', user: change.user ?? user }],
    ...change.whole,
  }
}

/** A folder that ends with the test. */
async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

async function written(t: TestContext, content: object | string): Promise<string> {
  const path = join(await folder(t), 'config')
  await writeFile(path, typeof content === 'string' ? content : stringify(content))
  return path
}

const resolved = {
  server,
  ca: certificate,
  certificate: undefined,
  key: undefined,
  headers: { authorization: 'Bearer secret' },
  tlsServerName: undefined,
  insecureSkipTlsVerify: false,
  proxyUrl: undefined,
  expiresAtMs: undefined,
  files: { authority: undefined, certificate: undefined, key: undefined, token: undefined },
}

describe('the credentials of a kubeconfig', () => {
  it('are those of the current context', async (t) => {
    const others = {
      clusters: [
        { name: 'other', cluster: { server: 'https://other' } },
        { name: 'local', cluster },
      ],
      users: [
        { name: 'other', user: { token: 'wrong' } },
        { name: 'node', user },
      ],
    }
    assert.deepEqual(await resolveCredentials(await written(t, kubeconfig({ whole: others }))), resolved)
  })

  it('keep what the cluster says about its connection', async (t) => {
    const special = {
      'tls-server-name': 'kubernetes',
      'insecure-skip-tls-verify': true,
      'proxy-url': 'http://proxy:3128',
    }
    assert.deepEqual(await resolveCredentials(await written(t, kubeconfig({ cluster: special }))), {
      ...resolved,
      tlsServerName: 'kubernetes',
      insecureSkipTlsVerify: true,
      proxyUrl: 'http://proxy:3128',
    })
  })

  it('take a server without TLS and a context without a user', async (t) => {
    const plain = { server: 'http://127.0.0.1:8001/', 'certificate-authority-data': undefined }
    const whole = { contexts: [{ name: 'here', context: { cluster: 'local' } }], users: undefined }
    assert.deepEqual(await resolveCredentials(await written(t, kubeconfig({ cluster: plain, whole }))), {
      ...resolved,
      server: 'http://127.0.0.1:8001',
      ca: undefined,
      headers: {},
    })
  })

  it('are a certificate and its key, in the file or beside it', async (t) => {
    const data = { 'client-certificate-data': base64(certificate), 'client-key-data': base64('the key') }
    const expected = { ...resolved, headers: {}, certificate, key: 'the key' }
    assert.deepEqual(await resolveCredentials(await written(t, kubeconfig({ user: data }))), expected)
    const path = await written(t, kubeconfig({ user: { 'client-certificate': 'node.crt', 'client-key': 'node.key' } }))
    await writeFile(join(path, '..', 'node.crt'), certificate)
    await writeFile(join(path, '..', 'node.key'), 'the key')
    const files = { certificate: join(path, '..', 'node.crt'), key: join(path, '..', 'node.key') }
    assert.deepEqual(await resolveCredentials(path), { ...expected, files: { ...resolved.files, ...files } })
  })

  it('are a token from a file beside it, without its last newline', async (t) => {
    const path = await written(t, kubeconfig({ user: { tokenFile: 'token' } }))
    await writeFile(join(path, '..', 'token'), 'secret\n')
    const files = { ...resolved.files, token: join(path, '..', 'token') }
    assert.deepEqual(await resolveCredentials(path), { ...resolved, files })
  })

  it('say when a token ends that tells it', async (t) => {
    const token = ['{"alg":"none"}', '{"exp":1792000000}', 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.')
    const headers = { authorization: `Bearer ${token}` }
    const expected = { ...resolved, headers, expiresAtMs: 1_792_000_000_000 }
    assert.deepEqual(await resolveCredentials(await written(t, kubeconfig({ user: { token } }))), expected)
  })

  it('are a name and a password, and the user that is to be impersonated', async (t) => {
    const headers = { authorization: `Basic ${base64('me:pass')}`, 'impersonate-user': 'you' }
    const path = await written(t, kubeconfig({ user: { username: 'me', password: 'pass', as: 'you' } }))
    assert.deepEqual(await resolveCredentials(path), { ...resolved, headers })
  })

  it('come from a plugin beside it, which is told what is wanted', async (t) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command: './plugin', args: ['a'] }
    const path = await written(t, kubeconfig({ user: { exec } }))
    const plugin = join(path, '..', 'plugin')
    await writeFile(
      plugin,
      '#!/bin/sh\nprintf \'{"status":{"token":"%s %s"}}\' "$1" "$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d \\")"\n',
    )
    await chmod(plugin, 0o700)
    const info = '{apiVersion:client.authentication.k8s.io/v1beta1,kind:ExecCredential,spec:{interactive:false}}'
    assert.deepEqual(await resolveCredentials(path), { ...resolved, headers: { authorization: `Bearer a ${info}` } })
  })

  it('are merged from the files of $KUBECONFIG, the first before the others, when no path is given', async (t) => {
    const first = await written(t, kubeconfig({ whole: { users: [] } }))
    const second = await written(t, { 'current-context': 'there', users: [{ name: 'node', user }] })
    environment(t, { KUBECONFIG: `${first}:${second}` })
    assert.deepEqual(await resolveCredentials(undefined), resolved)
  })

  it('are in the home directory when nothing else is said', async (t) => {
    environment(t, { KUBECONFIG: undefined, HOME: await folder(t), KUBERNETES_SERVICE_HOST: undefined })
    await assert.rejects(
      resolveCredentials(undefined),
      /^KubeletError: Cannot find a kubeconfig: give its path with --kubeconfig/,
    )
  })
})

function environment(t: TestContext, change: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(change)) {
    const before = process.env[name]
    t.after(() => setVariable(name, before))
    setVariable(name, value)
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

describe('a kubeconfig that cannot be used', () => {
  const faults: readonly (readonly [string, object | string, RegExp])[] = [
    [
      'is not YAML',
      'clusters: [',
      /^Cannot parse the kubeconfig "PATH" \(--kubeconfig\), it is not YAML: .* at line 1, column 12$/,
    ],
    [
      'is another kind of text',
      'hello',
      /^Cannot use the kubeconfig "PATH" .*: it holds no clusters and contexts; give the path of a kubeconfig$/,
    ],
    [
      'has no current context',
      kubeconfig({ whole: { 'current-context': undefined } }),
      /: it has no current-context; choose one with "kubectl config use-context"$/,
    ],
    [
      'has not the context that it names',
      kubeconfig({ whole: { 'current-context': 'there' } }),
      /: it has no context "there", only "here"$/,
    ],
    [
      'has not the cluster that it names',
      kubeconfig({ whole: { clusters: [] } }),
      /: it has no cluster "local", only none at all$/,
    ],
    [
      'has not the user that it names',
      kubeconfig({ whole: { users: [{ name: 'else', user }] } }),
      /: it has no user "node", only "else"$/,
    ],
    [
      'has a cluster without a server',
      kubeconfig({ cluster: { server: undefined } }),
      /: clusters\[0\]\.cluster\.server is missing; correct the file$/,
    ],
    [
      'has a server that is no URL',
      kubeconfig({ cluster: { server: '10.0.0.1' } }),
      /: the server "10\.0\.0\.1" of cluster "local" is not an https URL$/,
    ],
    [
      'names an authority that is not there',
      kubeconfig({ cluster: { 'certificate-authority-data': undefined, 'certificate-authority': '/no/ca.crt' } }),
      /^Cannot read certificate-authority of cluster "local" in the kubeconfig "PATH" .*: ENOENT.*'\/no\/ca\.crt'; check the path$/,
    ],
    [
      'names a certificate that is not there',
      kubeconfig({ user: { 'client-certificate': '/no/node.crt' } }),
      /^Cannot read a file named by user "node" in the kubeconfig "PATH" .*: ENOENT.*'\/no\/node\.crt'; check the path$/,
    ],
    [
      'names a token that is not there',
      kubeconfig({ user: { tokenFile: '/no/token' } }),
      /^Cannot read tokenFile of user "node" in .*ENOENT/,
    ],
    [
      'names a plugin that is not there',
      kubeconfig({ user: { exec: { command: '/no/plugin', installHint: 'get it from us' } } }),
      /^Cannot run the credential plugin "\/no\/plugin" of user "node" in .*ENOENT; get it from us$/,
    ],
  ]
  for (const [name, content, message] of faults) {
    it(`${name}: says so, and where`, async (t) => {
      const path = await written(t, content)
      await assert.rejects(resolveCredentials(path), (error) => {
        assert.ok(KubeletError.is(error, 'configuration'), String(error))
        assert.match(error.message.replace(path, 'PATH'), message)
        return true
      })
    })
  }

  it('is not there: names the flag and the path', async () => {
    const message =
      /^KubeletError: Cannot read the kubeconfig "\/no\/config" \(--kubeconfig\): ENOENT.*; check the path and its permissions$/
    await assert.rejects(resolveCredentials('/no/config'), message)
  })

  it('has a plugin that refuses: that is no fault of the file', async (t) => {
    const path = await written(
      t,
      kubeconfig({ user: { exec: { command: 'sh', args: ['-c', 'echo log in first >&2; exit 1'] } } }),
    )
    await assert.rejects(resolveCredentials(path), (error) => {
      assert.ok(KubeletError.is(error, 'unauthorized'), String(error))
      assert.match(error.message, /^Cannot run the credential plugin "sh" of user "node" in .*: log in first$/)
      return true
    })
  })
})
