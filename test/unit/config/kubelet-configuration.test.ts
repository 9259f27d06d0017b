import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kubeletConfiguration } from '../../../src/config/kubelet-configuration.ts'
import { flagValues, valuesWithoutField } from '../../../src/config/kubelet-flag-values.ts'
import { settingList } from '../../../src/config/settings/settings.ts'
import { isRecord } from '../../../src/util/is-record.ts'
import { base, defaults, load } from './loading.ts'

const rich = [
  '--kubeconfig=/kubeconfig',
  base,
  '--provider-id=docker://node',
  '--register-with-taints=a=b:NoSchedule,c:NoExecute',
  '--system-reserved=cpu=100m,memory=1Gi',
  '--cgroup-driver=systemd',
  '--pod-max-pids=100',
  '--max-parallel-image-pulls=3',
  '--serialize-image-pulls=false',
  '--client-ca-file=/ca.crt',
  '--anonymous-auth',
  '--authorization-mode=AlwaysAllow',
  '--authentication-token-webhook-cache-ttl=1m30s',
  '--tls-cert-file=/tls.crt',
  '--tls-private-key-file=/tls.key',
  '--cluster-dns=10.96.0.10',
  '--allowed-unsafe-sysctls=net.core.somaxconn,kernel.msg*',
  '--v=4',
]

describe('how the agent is set, as a KubeletConfiguration', () => {
  for (const [name, argv] of Object.entries({ 'by default': [base], 'with much said': rich })) {
    it(`sets another agent the same way, ${name}`, async () => {
      const { config } = await load(argv)
      const file = JSON.stringify(kubeletConfiguration(config))
      const others = argv.filter((flag) => flag.startsWith('--kubeconfig'))
      const again = await load(others, { file })
      assert.deepEqual(again, { config, warnings: [] })
    })
  }

  it('has every field that the file of --config may have', async () => {
    const { config } = await load(rich)
    const fields = kubeletConfiguration({
      ...config,
      certificates: { ...config.certificates, cipherSuites: ['TLS_X'] },
      shutdown: { ...config.shutdown, periods: [{ priority: 0, seconds: 10 }] },
    })
    const missing = settingList.flatMap(({ field }) => (field === undefined || has(fields, field) ? [] : [field]))
    assert.deepEqual(missing, [])
  })

  it('is written as Go writes it', () => {
    assert.partialDeepStrictEqual(kubeletConfiguration(defaults), {
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      syncFrequency: '1m0s',
      authentication: { x509: {}, webhook: { enabled: false, cacheTTL: '2m0s' }, anonymous: { enabled: false } },
      streamingConnectionIdleTimeout: '4h0m0s',
    })
  })
})

describe('the flags and their values', () => {
  it('are those that hold in the end, wherever they were said', async () => {
    const { config } = await load([...rich, '--node-labels=a=b,c=d', '--hostname-override=Node-1'])
    assert.partialDeepStrictEqual(flagValues(config), {
      'register-with-taints': 'a=b:NoSchedule,c:NoExecute',
      'system-reserved': 'cpu=100m,memory=1Gi',
      'node-labels': 'a=b,c=d',
      'hostname-override': 'node-1',
      'authorization-mode': 'AlwaysAllow',
      'anonymous-auth': 'true',
      v: '4',
      'cluster-domain': '',
    })
  })

  it('are all that there are, but for the file that has been read', async () => {
    const known = [...Object.keys(valuesWithoutField(defaults)), 'config']
    const unknown = settingList.filter(
      ({ flag, field }) => flag !== undefined && field === undefined && !known.includes(flag),
    )
    assert.deepEqual(unknown, [])
  })
})

function has(fields: Readonly<Record<string, unknown>>, path: string): boolean {
  return (
    path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), fields) !== undefined
  )
}
