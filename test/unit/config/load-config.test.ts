import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'
import { base, config, defaults, faults, load } from './loading.ts'

describe('the command line', () => {
  it('gives the kubelet’s defaults where it says nothing', async () => {
    assert.deepEqual(await config([]), defaults)
  })

  it('is read with values behind an equals sign or as the next argument', async () => {
    const expected = { ...defaults, maxPods: 20, nodeName: 'node-a' }
    assert.deepEqual(await config(['--max-pods=20', '--hostname-override', 'node-a']), expected)
  })

  it('takes every kind of value', async () => {
    const argv = [
      '--node-ip=10.0.0.1,fd00::1',
      '--cluster-dns=10.96.0.10',
      '--cluster-dns',
      '10.96.0.11,10.96.0.12',
      '--node-labels=disk=ssd,example.com/zone=',
      '--register-with-taints=dedicated=gpu:NoSchedule,spot:NoExecute',
      '--register-node=false',
      '--cleanup-on-exit',
      '--sync-frequency=1m30s',
      '--node-status-max-images',
      '-1',
      '--log-format=json',
      '--address=::1',
      '--docker-host=tcp://10.0.0.9:2376',
      '--pod-infra-container-image=pause:3.9',
      '--provider-id=kind://docker/a/b',
      '-v4',
    ]
    assert.deepEqual(await config(argv), {
      ...defaults,
      nodeIps: ['10.0.0.1', 'fd00::1'],
      clusterDns: ['10.96.0.10', '10.96.0.11', '10.96.0.12'],
      nodeLabels: { disk: 'ssd', 'example.com/zone': '' },
      registerWithTaints: [
        { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' },
        { key: 'spot', value: '', effect: 'NoExecute' },
      ],
      registerNode: false,
      cleanupOnExit: true,
      syncFrequencyMs: 90_000,
      nodeStatusMaxImages: -1,
      logFormat: 'json',
      address: '::1',
      dockerHost: 'tcp://10.0.0.9:2376',
      podInfraContainerImage: 'pause:3.9',
      providerId: 'kind://docker/a/b',
      verbosity: 4,
    })
  })

  it('takes the last of a flag that is given twice, and underscores for dashes', async () => {
    assert.equal((await config(['--max_pods=20', '--max-pods=30'])).maxPods, 30)
  })

  for (const argv of [['--v=6'], ['--v', '6'], ['-v6'], ['-v=6'], ['-v', '6']]) {
    it(`reads the verbosity from "${argv.join(' ')}"`, async () => {
      assert.equal((await config(argv)).verbosity, 6)
    })
  }

  it('makes relative paths absolute', async () => {
    const { config: loaded } = await load(['--kubeconfig=kube.conf', '--root-dir=state'])
    assert.deepEqual([loaded.kubeconfig, loaded.rootDir], [resolve('kube.conf'), resolve('state')])
  })

  it('lower-cases the name of the node', async () => {
    assert.equal((await config(['--hostname-override= Node-A '])).nodeName, 'node-a')
  })

  it('answers --help and --version before anything else', async () => {
    const never = (): Promise<string> => assert.fail('a file was read')
    assert.equal((await loadConfig(['--nonsense', '--config=x', '-h'], {}, never)).kind, 'help')
    assert.deepEqual(await loadConfig(['--version'], {}, never), {
      kind: 'version',
      text: 'minikubelet v1.36.0+minikubelet.0.1.0',
    })
  })
})

describe('a wrong command line', () => {
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [
      [],
      'Nothing to run: give --kubeconfig for the Pods of an API server, --pod-manifest-path for static Pods, or both',
    ],
    [[base, '--max-pod=1'], 'Unknown flag --max-pod, did you mean --max-pods?'],
    [[base, '--frobnicate', 'x'], 'Unknown flag --frobnicate, see --help'],
    [[base, '-x'], 'Unknown flag -x, see --help'],
    [[base, '--qos-reserved=memory=50%'], '--qos-reserved is a kubelet flag that minikubelet does not support'],
    [
      [base, '--container-runtime-endpoint=unix:///x'],
      '--container-runtime-endpoint is a kubelet flag that minikubelet does not support: use --docker-host to say where Docker answers',
    ],
    [[base, 'pods'], 'Unexpected argument "pods": only flags are taken, see --help'],
    [[base, '--cleanup-on-exit', 'false'], 'Unexpected argument "false": only flags are taken, see --help'],
    [[base, '--node-ip'], 'Flag --node-ip needs a value'],
    [[base, '--address=any'], 'Invalid value "any" for --address: must be an IP address'],
    [
      [base, '--node-ip=10.0.0.1,fd00::1,fd00::2'],
      'Invalid value "10.0.0.1,fd00::1,fd00::2" for --node-ip: must be one IP address, or one IPv4 and one IPv6 address with a comma between them',
    ],
    [
      [base, '--node-ip=host'],
      'Invalid value "host" for --node-ip: must be one IP address, or one IPv4 and one IPv6 address with a comma between them',
    ],
    [[base, '--max-pods=many'], 'Invalid value "many" for --max-pods: must be a whole number from 0 to 2147483647'],
    [
      [base, '--healthz-port=70000'],
      'Invalid value "70000" for --healthz-port: must be a whole number from 0 to 65535',
    ],
    [
      [base, '--sync-frequency=10'],
      'Invalid value "10" for --sync-frequency: must be a duration such as "10s" or "1m30s", at least 1s',
    ],
    [[base, '--register-node=no'], 'Invalid value "no" for --register-node: must be true or false'],
    [
      [base, '--cluster-dns=10.0.0.1,x'],
      'Invalid value "10.0.0.1,x" for --cluster-dns: must be IP addresses, and "x" is none',
    ],
    [
      [base, '--node-ip=10.0.0.1,10.0.0.2'],
      'Invalid value "10.0.0.1,10.0.0.2" for --node-ip: must be one IP address, or one IPv4 and one IPv6 address with a comma between them',
    ],
    [[base, '--log-format=xml'], 'Invalid value "xml" for --log-format: must be one of "auto", "json", "pretty"'],
    [
      [base, '--docker-host=/run/docker.sock'],
      'Invalid value "/run/docker.sock" for --docker-host: must be an address such as "unix:///var/run/docker.sock" or "tcp://127.0.0.1:2376"',
    ],
    [
      [base, '--max-parallel-image-pulls=3', '--serialize-image-pulls'],
      '--max-parallel-image-pulls above 1 (maxParallelImagePulls) needs --serialize-image-pulls=false',
    ],
    [[base, '--read-only-port=10248'], '--healthz-port and --read-only-port are both 10248: give them different ports'],
    ...['host', 'none', '', 'container:web', 'a b'].map(
      (network) =>
        [
          [base, `--network=${network}`],
          `Invalid value "${network}" for --network: must be the name of a network of Docker in which Pods have an address of their own, so neither host nor none`,
        ] as const,
    ),
    [
      [base, '--cluster-domain=cluster..local'],
      'Invalid value "cluster..local" for --cluster-domain: must be a DNS name such as "cluster.local"',
    ],
  ]
  for (const [argv, message] of refusals) {
    it(`is refused: ${argv.slice(1).join(' ') || 'nothing to run'}`, async () => {
      assert.equal(await faults(argv), message)
    })
  }

  it('is refused with a node name that is no DNS name', async () => {
    assert.match(
      await faults([base, '--hostname-override=node_a']),
      /^Invalid node name "node_a": a lowercase RFC 1123 subdomain .*--hostname-override$/u,
    )
  })

  it('has each stray argument named, but not the value of a flag that is unknown anyway', async () => {
    const argv = ['pods', 'more', '--nope-nope', 'value', 'last']
    assert.deepEqual((await faults(argv)).split('\n').slice(1), [
      '  - Unexpected argument "pods": only flags are taken, see --help',
      '  - Unexpected argument "more": only flags are taken, see --help',
      '  - Unknown flag --nope-nope, see --help',
      '  - Unexpected argument "last": only flags are taken, see --help',
    ])
  })

  it('has all of its faults listed at once', async () => {
    assert.equal(
      await faults([base, '--max-pods=x', '--nope-nope', '--v=-1']),
      [
        '3 faults in the configuration:',
        '  - Unknown flag --nope-nope, see --help',
        '  - Invalid value "x" for --max-pods: must be a whole number from 0 to 2147483647',
        '  - Invalid value "-1" for --v: must be a whole number from 0 to 10',
      ].join('\n'),
    )
  })
})

describe('the environment', () => {
  it('says where Docker is, unless the flag does', async () => {
    const env = { DOCKER_HOST: 'tcp://docker:2375' }
    assert.equal((await config([], { env })).dockerHost, 'tcp://docker:2375')
    assert.equal((await config(['--docker-host=unix:///d.sock'], { env })).dockerHost, 'unix:///d.sock')
  })

  it('is refused with a DOCKER_HOST that is no address', async () => {
    assert.equal(
      await faults([base], { env: { DOCKER_HOST: 'docker' } }),
      'Invalid value "docker" of $DOCKER_HOST: must be an address such as "unix:///var/run/docker.sock" or "tcp://127.0.0.1:2376"',
    )
  })

  it('names Docker’s certificates only together with DOCKER_TLS_VERIFY', async () => {
    assert.equal((await config([], { env: { DOCKER_CERT_PATH: '/certs' } })).dockerCertPath, undefined)
    assert.equal(
      (await config([], { env: { DOCKER_CERT_PATH: '/certs', DOCKER_TLS_VERIFY: '1' } })).dockerCertPath,
      '/certs',
    )
  })
})

describe('the pulls at the same time', () => {
  const cases: readonly (readonly [readonly string[], number | undefined])[] = [
    [[], 1],
    [['--serialize-image-pulls=false'], undefined],
    [['--max-parallel-image-pulls=4'], 4],
    [['--max-parallel-image-pulls=4', '--serialize-image-pulls=false'], 4],
    [['--max-parallel-image-pulls=1'], 1],
  ]
  for (const [argv, expected] of cases) {
    it(`are ${expected ?? 'unbounded'} with "${argv.join(' ')}"`, async () => {
      assert.equal((await config(argv)).maxParallelImagePulls, expected)
    })
  }
})

describe('limits of CPU', () => {
  it('are enforced in periods of the length that is set, or not at all', async () => {
    const period = async (...flags: readonly string[]): Promise<number | undefined> =>
      (await load([base, ...flags])).config.cpuPeriodUs
    assert.equal(await period('--cpu-cfs-quota-period=5ms'), 5000)
    assert.equal(await period('--cpu-cfs-quota=false', '--cpu-cfs-quota-period=5ms'), undefined)
  })
})
