import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { base, defaults, faults, load } from './loading.ts'

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'

describe('the file of --config', () => {
  it('sets what the kubelet’s own sets, and a flag beats it', async () => {
    const file = `${head}
staticPodPath: manifests
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
maxPods: 7
registerNode: false
registerWithTaints:
  - { key: dedicated, value: gpu, effect: NoSchedule }
providerID: kind://a
nodeStatusUpdateFrequency: 4s
nodeLeaseDurationSeconds: 20
syncFrequency: 2m
fileCheckFrequency: 5s
healthzPort: 0
readOnlyPort: 10255
eventRecordQPS: 5
eventBurst: 6
registryPullQPS: 7
registryBurst: 8
imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages
preloadedImagesVerificationAllowlist: [registry.test/team/*, busybox]
serializeImagePulls: false
maxParallelImagePulls: 3
resolvConf: ""
crashLoopBackOff:
  maxContainerRestartPeriod: 30s
logging:
  verbosity: 5
`
    assert.deepEqual(await load(['--max-pods=9'], { file }), {
      config: {
        ...defaults,
        manifestPath: '/etc/mk/manifests',
        clusterDns: ['10.96.0.10'],
        clusterDomain: 'cluster.local',
        maxPods: 9,
        registerNode: false,
        registerWithTaints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
        providerId: 'kind://a',
        nodeStatusUpdateFrequencyMs: 4_000,
        nodeStatusReportFrequencyMs: 4_000,
        nodeLeaseDurationSeconds: 20,
        syncFrequencyMs: 120_000,
        fileCheckFrequencyMs: 5_000,
        healthzPort: 0,
        readOnlyPort: 10_255,
        eventQps: 5,
        eventBurst: 6,
        registryQps: 7,
        registryBurst: 8,
        imageVerification: {
          name: 'NeverVerifyAllowlistedImages',
          allowlist: ['registry.test/team/*', 'busybox'],
        },
        maxParallelImagePulls: 3,
        resolvConf: '',
        maxContainerRestartPeriodMs: 30_000,
        verbosity: 5,
      },
      warnings: [],
    })
  })

  it('takes a field without a value for one that is not there', async () => {
    assert.deepEqual((await load([base], { file: `${head}maxPods:\n` })).config, defaults)
  })

  it('has all of its faults named with their lines, and what is wrong with the flags besides', async () => {
    const file = `apiVersion: kubelet.config.k8s.io/v1
kind: KubeletConfiguration
maxPods: "7"
maxPod: 3
registerNode: sometimes
crashLoopBackOff:
  maxContainerRestartPeriod: 10m
  maxRestarts: 3
registerWithTaints:
  - key: a
    effect: Never
`
    assert.equal(
      await faults(['--v=x'], { file }),
      [
        '8 faults in the configuration:',
        '  - config.yaml, line 1: apiVersion must be "kubelet.config.k8s.io/v1beta1", not "kubelet.config.k8s.io/v1"',
        '  - config.yaml, line 4: maxPod is not a field of a KubeletConfiguration, did you mean "maxPods"?',
        '  - config.yaml, line 8: crashLoopBackOff.maxRestarts is not a field of a KubeletConfiguration',
        '  - config.yaml, line 5: registerNode must be true or false, not "sometimes"',
        '  - config.yaml, line 9: registerWithTaints must be taints with an effect of NoSchedule, PreferNoSchedule, NoExecute, and "Never" is none of them, not [{"key":"a","effect":"Never"}]',
        '  - config.yaml, line 3: maxPods must be a whole number from 0 to 2147483647, not "7"',
        '  - config.yaml, line 7: crashLoopBackOff.maxContainerRestartPeriod must be a duration such as "10s" or "1m30s", at least 1s and at most 5m0s, not "10m"',
        '  - Invalid value "x" for --v: must be a whole number from 0 to 10',
      ].join('\n'),
    )
  })

  it('warns about the kubelet’s fields that this agent does not have', async () => {
    const file = `${head}memorySwap:\n  swapBehavior: NoSwap\nlogging:\n  format: json\n`
    assert.deepEqual(await load([base], { file }), {
      config: defaults,
      warnings: [
        'config.yaml, line 3: memorySwap is a kubelet setting that minikubelet does not support, it is ignored',
        'config.yaml, line 6: logging.format is a kubelet setting that minikubelet does not support, it is ignored',
      ],
    })
  })

  it('may be one that kubeadm has written, with 0 for what is not set', async () => {
    const file = `${head}authentication:
  webhook: { cacheTTL: 0s }
authorization:
  webhook: { cacheAuthorizedTTL: 0s, cacheUnauthorizedTTL: 0s }
containerRuntimeEndpoint: ""
crashLoopBackOff: {}
cpuManagerReconcilePeriod: 0s
fileCheckFrequency: 0s
logging: { flushFrequency: 0, verbosity: 0 }
memorySwap: {}
nodeStatusReportFrequency: 0s
nodeStatusUpdateFrequency: 0s
streamingConnectionIdleTimeout: 0s
syncFrequency: 0s
`
    assert.deepEqual((await load([base], { file })).config, defaults)
    assert.match(await faults([base, '--sync-frequency=0s']), /at least 1s/u)
  })

  it('may list images that need no credentials, if somebody looks at the list', async () => {
    const list = 'preloadedImagesVerificationAllowlist: ["registry.test/app"]\n'
    assert.equal(
      await faults([base], { file: `${head}${list}` }),
      'preloadedImagesVerificationAllowlist needs imagePullCredentialsVerificationPolicy to be NeverVerifyAllowlistedImages',
    )
    const policy = 'imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\n'
    assert.match(
      await faults([base], { file: `${head}${policy}${list.replace('app', 'app:1')}` }),
      /must be names of images without tag or digest, or "NAME\/\*", and "registry\.test\/app:1" has a tag or a digest/u,
    )
    assert.match(
      await faults([base], { file: `${head}imagePullCredentialsVerificationPolicy: Sometimes\n` }),
      /must be one of "NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages", "AlwaysVerify"/u,
    )
  })

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['is empty', '# nothing\n', /^config\.yaml: is empty, a KubeletConfiguration is wanted$/u],
    ['is a list', '- 1\n', /^config\.yaml, line 1: is not a KubeletConfiguration$/u],
    [
      'has two documents',
      `${head}---\n${head}`,
      /^config\.yaml, line 4: a second document, one KubeletConfiguration is wanted$/u,
    ],
    ['is not YAML', `${head}a: [1\n`, /^config\.yaml, line 4: Flow sequence/u],
  ]
  for (const [what, file, message] of broken) {
    it(`is refused when it ${what}`, async () => {
      assert.match(await faults([base], { file }), message)
    })
  }

  it('is refused when it cannot be read', async () => {
    const missing = (): Promise<string> => Promise.reject(new Error('ENOENT: no such file or directory'))
    await assert.rejects(
      loadConfig([base, '--config=/none'], {}, missing),
      new KubeletError('configuration', 'Cannot read the file of --config "/none": ENOENT: no such file or directory'),
    )
  })
})
