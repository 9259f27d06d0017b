import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId, imageId } from '../../../src/model/ids.ts'
import { containerRequest, type ContainerFacts } from '../../../src/translate/container-request.ts'
import { containerLabels } from '../../../src/translate/identity.ts'
import { containerSecurity } from '../../../src/translate/security/container-security.ts'
import { containerMounts } from '../../../src/translate/mounts.ts'
import { containerResources } from '../../../src/translate/resources/container-resources.ts'
import { environmentFacts } from '../../builders/environment.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const facts: ContainerFacts = {
  environment: environmentFacts(),
  nodeName: 'node-1',
  sandboxId: containerId('sandbox-0'),
  attempt: 1,
  image: imageId('sha256:b0b0'),
  paths: { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' },
  volumes: new Map(),
  recursiveReadOnly: false,
  runtime: undefined,
  nodeMemoryBytes: 8 * 1024 ** 3,
  cpuPeriodUs: 100_000,
  imageUser: '',
  seccompDefault: false,
  logRotation: undefined,
  loggingDriver: 'json-file',
  throttlePaths: [],
  cgroupParent: undefined,
  gpus: [],
}

const request = {
  name: `k8s_main_web_default_${aPodUid}_1`,
  body: {
    Image: 'sha256:b0b0',
    User: '0',
    Env: [],
    OpenStdin: false,
    StdinOnce: false,
    Tty: false,
    Healthcheck: { Test: ['NONE'] },
    Labels: containerLabels(aPod(), aContainer(), {
      nodeName: 'node-1',
      sandboxId: containerId('sandbox-0'),
      attempt: 1,
      logPath: `/var/log/pods/default_web_${aPodUid}/main/1.log`,
    }),
    HostConfig: {
      NetworkMode: 'container:sandbox-0',
      IpcMode: 'container:sandbox-0',
      RestartPolicy: { Name: 'no' },
      Mounts: containerMounts(aPod(), aContainer(), { ...facts, variables: new Map() }),
      ...containerSecurity(aPod(), aContainer(), facts),
      ...containerResources(aPod(), aContainer(), facts),
    },
  },
}

describe('containerRequest', () => {
  it("asks for a container joined to its sandbox, with the image's command, user and folder", () => {
    assert.deepEqual(containerRequest(aPod(), aContainer(), facts), request)
  })

  it('joins the PID namespace of the sandbox too where the Pod shares one', () => {
    for (const [shareProcessNamespace, PidMode] of [
      [true, 'container:sandbox-0'],
      [false, undefined],
    ] as const) {
      const { HostConfig } = containerRequest(aPod({ spec: { shareProcessNamespace } }), aContainer(), facts).body
      assert.equal(HostConfig.PidMode, PidMode)
    }
  })

  it('expands variables in command and args, and hands them on', () => {
    const container = aContainer({
      env: [
        { name: 'WHO', value: 'world' },
        { name: 'GREETING', value: 'hello $(WHO)' },
      ],
      command: ['echo', '$(GREETING)', '$$(WHO)'],
      args: ['$(UNKNOWN)', '$(WHO)'],
    })
    assert.deepEqual(containerRequest(aPod(), container, facts).body, {
      ...request.body,
      Entrypoint: ['echo', 'hello world', '$(WHO)'],
      Cmd: ['$(UNKNOWN)', 'world'],
      Env: ['WHO=world', 'GREETING=hello world'],
    })
  })

  it('hands on a command and args of one word', () => {
    assert.deepEqual(containerRequest(aPod(), aContainer({ command: ['true'], args: ['x'] }), facts).body, {
      ...request.body,
      Entrypoint: ['true'],
      Cmd: ['x'],
    })
  })

  it("leaves out an empty command, empty args and an empty working directory: they would erase the image's", () => {
    assert.deepEqual(containerRequest(aPod(), aContainer({ command: [], args: [], workingDir: '' }), facts), request)
  })

  it('hands on the working directory, and what concerns the standard streams', () => {
    const container = aContainer({ workingDir: '/srv', stdin: true, stdinOnce: true, tty: true })
    assert.deepEqual(containerRequest(aPod(), container, facts).body, {
      ...request.body,
      WorkingDir: '/srv',
      OpenStdin: true,
      StdinOnce: true,
      Tty: true,
    })
  })

  it('has a container stopped by the signal that it asks for', () => {
    const container = aContainer({ lifecycle: { stopSignal: 'SIGUSR1' } })
    assert.deepEqual(containerRequest(aPod(), container, facts).body, { ...request.body, StopSignal: 'SIGUSR1' })
  })

  it('asks for the runtime that joins the UTS namespace where there is one', () => {
    assert.deepEqual(containerRequest(aPod(), aContainer(), { ...facts, runtime: 'minikubelet' }).body.HostConfig, {
      ...request.body.HostConfig,
      Runtime: 'minikubelet',
    })
  })

  it("takes the host's UTS namespace on the host's network, and no runtime for it", () => {
    const pod = aPod({ spec: { hostNetwork: true } })
    assert.deepEqual(containerRequest(pod, aContainer(), { ...facts, runtime: 'minikubelet' }).body.HostConfig, {
      ...request.body.HostConfig,
      UTSMode: 'host',
    })
  })

  it("takes the OCI runtime of its sandbox's class before any other, on the host's network too", () => {
    for (const hostNetwork of [false, true]) {
      const asked = { ...facts, runtime: 'minikubelet', classRuntime: 'kata' }
      const { HostConfig } = containerRequest(aPod({ spec: { hostNetwork } }), aContainer(), asked).body
      assert.equal(HostConfig.Runtime, 'kata')
    }
  })

  it('runs as whom it is told to, confined as it asks for', () => {
    const container = aContainer({ securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true } })
    assert.deepEqual(containerRequest(aPod(), container, facts).body, {
      ...request.body,
      User: '1000',
      HostConfig: { ...request.body.HostConfig, ReadonlyRootfs: true },
      Labels: containerLabels(aPod(), container, {
        nodeName: 'node-1',
        sandboxId: containerId('sandbox-0'),
        attempt: 1,
        logPath: `/var/log/pods/default_web_${aPodUid}/main/1.log`,
      }),
    })
  })

  it("publishes no ports: they are the sandbox's", () => {
    const container = aContainer({ ports: [{ containerPort: 80, hostPort: 8080 }] })
    assert.deepEqual(containerRequest(aPod(), container, facts), request)
  })

  it('throws what a mount throws', () => {
    const container = aContainer({ volumeMounts: [{ name: 'absent', mountPath: '/d' }] })
    assert.throws(() => containerRequest(aPod(), container, facts), { code: 'invalid' })
  })
})
