import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base, defaults, faults, load } from './loading.ts'

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
const withApiServer = '--kubeconfig=/kubeconfig'

describe('the HTTPS port', () => {
  it('is not there where the server is turned off', async () => {
    assert.equal((await load([base, '--enable-server=false', '--port=10251'])).config.port, 0)
    assert.equal((await load([base], { file: `${head}enableServer: false\n` })).config.port, 0)
    assert.equal((await load([base, '--enable-server'])).config.port, 10_250)
  })
})

describe('who may come in on the HTTPS port', () => {
  it('is for the API server to say where there is one; nobody comes in unknown', async () => {
    const { config } = await load([withApiServer])
    assert.deepEqual(config.server.auth, {
      anonymous: false,
      tokenWebhook: true,
      tokenCacheTtlMs: 120_000,
      mode: 'Webhook',
      authorizedTtlMs: 300_000,
      unauthorizedTtlMs: 30_000,
    })
  })

  it('is what the flags say', async () => {
    const { config } = await load([
      withApiServer,
      '--anonymous-auth',
      '--authentication-token-webhook=false',
      '--authentication-token-webhook-cache-ttl=0',
      '--authorization-mode=AlwaysAllow',
      '--authorization-webhook-cache-authorized-ttl=1m',
      '--authorization-webhook-cache-unauthorized-ttl=1s',
      '--client-ca-file=/ca.crt',
    ])
    assert.deepEqual(config.server.auth, {
      anonymous: true,
      tokenWebhook: false,
      tokenCacheTtlMs: 0,
      mode: 'AlwaysAllow',
      authorizedTtlMs: 60_000,
      unauthorizedTtlMs: 1000,
    })
    assert.equal(config.clientCaFile, '/ca.crt')
  })

  it('is what the file of --config says', async () => {
    const file = `${head}authentication:
  anonymous: { enabled: true }
  webhook: { enabled: false, cacheTTL: 10s }
  x509: { clientCAFile: ca.crt }
authorization:
  mode: AlwaysAllow
  webhook: { cacheAuthorizedTTL: 1m0s, cacheUnauthorizedTTL: 5s }
enableDebuggingHandlers: false
enableSystemLogHandler: false
enableProfilingHandler: false
enableDebugFlagsHandler: false
streamingConnectionIdleTimeout: 1h
`
    const { config, warnings } = await load([base], { file })
    assert.deepEqual(warnings, [])
    assert.deepEqual(config, {
      ...defaults,
      clientCaFile: '/etc/mk/ca.crt',
      server: {
        auth: {
          anonymous: true,
          tokenWebhook: false,
          tokenCacheTtlMs: 10_000,
          mode: 'AlwaysAllow',
          authorizedTtlMs: 60_000,
          unauthorizedTtlMs: 5000,
        },
        debuggingHandlers: false,
        systemLogHandler: false,
        profilingHandler: false,
        debugFlagsHandler: false,
        streamingIdleMs: 3_600_000,
      },
    })
  })

  it('is for nobody to say where there is no API server, and asking for that is a mistake', async () => {
    assert.equal(
      await faults([base, '--authorization-mode=Webhook']),
      '--authorization-mode Webhook (authorization.mode) asks the API server: give --kubeconfig',
    )
    assert.equal(
      await faults([base, '--authentication-token-webhook']),
      '--authentication-token-webhook (authentication.webhook.enabled) asks the API server: give --kubeconfig',
    )
    assert.match(await faults([base, '--authorization-mode=RBAC']), /must be one of "AlwaysAllow", "Webhook"/u)
  })
})
