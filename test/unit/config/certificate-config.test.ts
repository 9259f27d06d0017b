import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { base, faults, load } from './loading.ts'

describe('the configuration of certificates', () => {
  it('is what the flags say', async () => {
    const { config } = await load([
      '--kubeconfig=/etc/kubeconfig',
      '--bootstrap-kubeconfig=bootstrap',
      '--rotate-certificates',
      '--rotate-server-certificates',
      '--cert-dir=/pki',
      '--tls-cert-file=/tls.crt',
      '--tls-private-key-file=/tls.key',
      '--tls-min-version=VersionTLS13',
      '--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    ])
    assert.deepEqual(config.certificates, {
      folder: '/pki',
      bootstrapKubeconfig: resolve('bootstrap'),
      rotateClient: true,
      requestServing: true,
      servingFiles: { certificate: '/tls.crt', key: '/tls.key' },
      minVersion: 'VersionTLS13',
      cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
    })
  })

  it("is what the file says in the kubelet's fields, with paths that begin there", async () => {
    const { config } = await load([base], {
      file: [
        'apiVersion: kubelet.config.k8s.io/v1beta1',
        'kind: KubeletConfiguration',
        'rotateCertificates: true',
        'serverTLSBootstrap: true',
        'tlsCertFile: tls.crt',
        'tlsPrivateKeyFile: tls.key',
        'tlsMinVersion: VersionTLS11',
        'tlsCipherSuites: [TLS_RSA_WITH_AES_128_CBC_SHA]',
      ].join('\n'),
    })
    assert.deepEqual(config.certificates, {
      folder: '/var/lib/minikubelet/pki',
      bootstrapKubeconfig: undefined,
      rotateClient: true,
      requestServing: true,
      servingFiles: { certificate: '/etc/mk/tls.crt', key: '/etc/mk/tls.key' },
      minVersion: 'VersionTLS11',
      cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'],
    })
  })

  it('keeps certificates below the root directory', async () => {
    const { config } = await load([base, '--root-dir=/data'])
    assert.equal(config.certificates.folder, '/data/pki')
  })

  const pair = '--tls-cert-file (tlsCertFile) and --tls-private-key-file (tlsPrivateKeyFile) go together: give both'
  const suites = 'cipher suites by Go\'s names, such as "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", and'
  const wrong: readonly (readonly [flag: string, fault: string])[] = [
    [
      '--bootstrap-kubeconfig=/b',
      '--bootstrap-kubeconfig needs --kubeconfig: the file to be written when the node has its certificate',
    ],
    ['--tls-cert-file=/tls.crt', pair],
    ['--tls-private-key-file=/tls.key', pair],
    [
      '--tls-min-version=1.3',
      'Invalid value "1.3" for --tls-min-version: must be one of "VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"',
    ],
    [
      '--tls-cipher-suites=AES128-SHA',
      `Invalid value "AES128-SHA" for --tls-cipher-suites: must be ${suites} "AES128-SHA" is none that is known`,
    ],
    [
      '--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA',
      `Invalid value "TLS_RSA_WITH_RC4_128_SHA" for --tls-cipher-suites: must be ${suites} "TLS_RSA_WITH_RC4_128_SHA" is broken, and no longer served`,
    ],
  ]
  for (const [flag, fault] of wrong) {
    it(`refuses ${flag}`, async () => assert.equal(await faults([base, flag]), fault))
  }
})
