import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, statusOf, staying, waitsFor } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const minor = await node.kubectl.serverMinor()

/** A line of a process' status as the kernel tells it: `Seccomp`, `NoNewPrivs`, `CapEff`, `Groups`. */
function line(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'mu').exec(status)?.[1] ?? ''
}

/** What the kernel says of the first process of a container. */
function processStatus(pod: Pod, container: string): Promise<string> {
  return node.exec(pod, container, 'cat', '/proc/1/status')
}

/** What the kernel says of the Pod's pause. */
async function sandboxStatus(pod: Pod): Promise<string> {
  const [sandbox] = await node.containers(pod)
  return readFile(`/proc/${sandbox?.State.Pid}/status`, 'utf8')
}

/** What a command in a container complains of. */
async function complaint(pod: Pod, container: string, script: string): Promise<string> {
  return node.exec(pod, container, 'sh', '-c', `{ ${script}; } 2>&1 && echo done || true`)
}

const ids = ['id -u', 'id -g', 'id -G'].join('; echo; ')

describe('The processes of a container', () => {
  it("run as whom its security context says, else its Pod's, in all of its groups, and so does the sandbox", async () => {
    const securityContext = { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000, 5000] }
    const containers = [
      staying('usual'),
      staying('own', { securityContext: { runAsUser: 1001, runAsGroup: 3001 } }),
      staying('root', { securityContext: { runAsUser: 0 } }),
    ]
    const pod = await node.createUntil(podManifest('identity', containers, { securityContext }), 'ready', isReady)
    const seen = await Promise.all(
      containers.map(async ({ name }) => (await node.exec(pod, name, 'sh', '-c', ids)).split(/\s+/u).join(' ')),
    )
    assert.deepEqual(seen, [
      '1000 3000 3000 2000 4000 5000',
      '1001 3001 3001 2000 4000 5000',
      '0 3000 3000 2000 4000 5000',
    ])
    const pause = await sandboxStatus(pod)
    assert.deepEqual(
      [line(pause, 'Uid'), line(pause, 'Gid'), line(pause, 'Groups')].map((text) => text.replaceAll('\t', ' ')),
      ['1000 1000 1000 1000', '3000 3000 3000 3000', '2000 3000 4000 5000'],
    )
  })

  it("share what they make in an emptyDir by their Pod's group", async () => {
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    const pod = await node.createUntil(
      podManifest('shared', [staying('writer', { volumeMounts, securityContext: { runAsUser: 1001 } })], {
        securityContext: { fsGroup: 2345 },
        volumes: [{ name: 'data', emptyDir: {} }],
      }),
      'ready',
      isReady,
    )
    const made = await node.exec(pod, 'writer', 'sh', '-c', 'touch /data/file; stat -c "%u:%g %a" /data /data/file')
    assert.equal(made, '0:2345 2777\n1001:2345 644')
  })

  it('may not be root where that is forbidden, and are when they are somebody else', async () => {
    const nonRoot = { runAsNonRoot: true }
    await node.createUntil(
      podManifest('somebody', [staying('main', { securityContext: { ...nonRoot, runAsUser: 1 } })]),
      'ready',
      isReady,
    )
    const pod = await node.createUntil(
      podManifest('nobody', [staying('main', { securityContext: nonRoot })]),
      'refused',
      waitsFor('main', 'CreateContainerConfigError'),
    )
    const message = `container has runAsNonRoot and image will run as root (pod: "nobody_${node.name}(${pod.metadata.uid})", container: main)`
    assert.equal(statusOf(pod, 'main').state?.waiting?.message, message)
    await node.untilEvent('nobody', 'Failed', `Error: ${message}`)
  })
})

describe('A container', () => {
  it('is confined as its security context asks', async () => {
    await mkdir(join(node.rootDir, 'seccomp/team'), { recursive: true })
    const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }
    const profile = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }, undefined, 2)
    await writeFile(join(node.rootDir, 'seccomp/team/no-mkdir.json'), profile)
    const localhost = { type: 'Localhost', localhostProfile: 'team/no-mkdir.json' }
    const containers = [
      staying('usual'),
      staying('bound', { securityContext: { allowPrivilegeEscalation: false } }),
      staying('filtered', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
      staying('profiled', { securityContext: { seccompProfile: localhost } }),
      staying('fixed', { securityContext: { readOnlyRootFilesystem: true } }),
    ]
    const pod = await node.createUntil(podManifest('confined', containers), 'ready', isReady)
    const seen = await Promise.all(
      containers.map(async ({ name }) => {
        const status = await processStatus(pod, name)
        return `${name} ${line(status, 'NoNewPrivs')} ${line(status, 'Seccomp')}`
      }),
    )
    // A filter of system calls is 2, none is 0.
    assert.deepEqual(seen, ['usual 0 0', 'bound 1 0', 'filtered 0 2', 'profiled 0 2', 'fixed 0 0'])
    assert.equal(await complaint(pod, 'usual', 'mkdir /made'), 'done')
    assert.match(await complaint(pod, 'profiled', 'mkdir /made'), /Operation not permitted/u)
    assert.match(await complaint(pod, 'fixed', 'mkdir /made'), /Read-only file system/u)
    const pause = await sandboxStatus(pod)
    assert.deepEqual([line(pause, 'NoNewPrivs'), line(pause, 'Seccomp')], ['1', '2'])
  })

  it("has Docker's seccomp profile by default on a node that says so, unless it asks for none", async () => {
    await using strict = await TestNode.start('--seccomp-default')
    const containers = [
      staying('usual'),
      staying('free', { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    ]
    const pod = await strict.createUntil(podManifest('by-default', containers), 'ready', isReady)
    const seen = await Promise.all(containers.map(({ name }) => strict.exec(pod, name, 'cat', '/proc/1/status')))
    assert.deepEqual(
      seen.map((status) => line(status, 'Seccomp')),
      ['2', '0'],
    )
  })

  it('has the seccomp profile of an annotation where the server makes a field of it, as old ones do', async () => {
    const manifest = podManifest('annotated', [staying('main')])
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' }
    const metadata = { ...manifest.metadata, annotations }
    const pod = await node.createUntil({ ...manifest, metadata }, 'ready', isReady)
    assert.equal(line(await processStatus(pod, 'main'), 'Seccomp'), minor < 27 ? '2' : '0')
  })

  it('does not see what would tell it of its neighbours, nor writes to the kernel, unless it is privileged', async () => {
    const pod = await node.createUntil(podManifest('usual', [staying('main')]), 'ready', isReady)
    const mounts = (await node.exec(pod, 'main', 'cat', '/proc/1/mounts')).split('\n')
    const mount = (path: string): string => mounts.find((each) => each.split(' ')[1] === path) ?? ''
    // A file is covered by /dev/null, a folder by an empty one.
    assert.equal(await node.exec(pod, 'main', 'cat', '/proc/timer_list', '/proc/interrupts'), '')
    assert.equal(await node.exec(pod, 'main', 'ls', '/sys/firmware'), '')
    for (const path of ['/proc/sys', '/proc/bus', '/proc/irq']) assert.match(mount(path), / ro,/u, path)
    assert.match(await complaint(pod, 'main', 'echo 1 > /proc/sys/kernel/panic'), /Read-only file system/u)
  })

  it('has the whole machine when it is privileged, and its sandbox too', async () => {
    const securityContext = { privileged: true }
    const containers = [staying('main', { securityContext }), staying('usual')]
    const pod = await node.createUntil(podManifest('privileged', containers), 'ready', isReady)
    const effective = async (container: string): Promise<bigint> =>
      BigInt(`0x${line(await processStatus(pod, container), 'CapEff')}`)
    const sysAdmin = 1n << 21n
    assert.equal((await effective('main')) & sysAdmin, sysAdmin)
    assert.equal((await effective('usual')) & sysAdmin, 0n)
    assert.equal(await complaint(pod, 'main', 'cat /proc/sys/kernel/panic > /proc/sys/kernel/panic'), 'done')
    assert.notEqual(await node.exec(pod, 'main', 'head', '-c', '100', '/proc/timer_list'), '')
    const [sandbox] = await node.containers(pod)
    assert.equal(await docker('inspect', '--format', '{{.HostConfig.Privileged}}', sandbox?.Id ?? ''), 'true')
  })

  const refused: readonly (readonly [string, object, reason: string, message: RegExp])[] = [
    [
      'with a capability that nobody knows',
      { capabilities: { add: ['SYS_ADMIRAL'] } },
      'CreateContainerError',
      /^Error response from daemon: invalid CapAdd: unknown capability: "CAP_SYS_ADMIRAL"$/u,
    ],
    [
      'with a seccomp profile that the node does not have',
      { seccompProfile: { type: 'Localhost', localhostProfile: 'absent.json' } },
      'CreateContainerError',
      /cannot load seccomp profile ".*\/seccomp\/absent\.json": open .*\/seccomp\/absent\.json: no such file or directory$/u,
    ],
    [
      'with a seccomp profile that is no JSON',
      { seccompProfile: { type: 'Localhost', localhostProfile: 'broken.json' } },
      'CreateContainerError',
      /decoding seccomp profile failed ".*\/seccomp\/broken\.json": /u,
    ],
  ]
  for (const [index, [title, securityContext, reason, message]] of refused.entries()) {
    it(`${title} is not made: its status and an event say why`, async () => {
      await mkdir(join(node.rootDir, 'seccomp'), { recursive: true })
      await writeFile(join(node.rootDir, 'seccomp/broken.json'), '{ "defaultAction": ')
      const name = `refused-${index}`
      const manifest = podManifest(name, [staying('main', { securityContext })])
      const pod = await node.createUntil(manifest, 'refused', waitsFor('main', reason))
      const text = statusOf(pod, 'main').state?.waiting?.message ?? ''
      assert.match(text, message)
      await node.untilEvent(name, 'Failed', `Error: ${text}`)
    })
  }
})

describe('A Pod that asks for users of its own', () => {
  const mapped = podManifest('mapped', [staying('main')], { hostUsers: false })

  if (minor < 33) {
    it('does not come from a server that does not know the field', async () => {
      await assert.rejects(node.create(mapped), /unknown field .*hostUsers/u)
    })
    return
  }

  it('gets no sandbox: Docker has no such users', async () => {
    const pod = await node.createUntil(mapped, 'is there', () => true)
    await node.untilEvent(
      'mapped',
      'FailedCreatePodSandBox',
      "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    )
    assert.deepEqual(await node.containers(pod), [])
  })
})

describe('A Pod that asks for what the node cannot do', () => {
  it('has an AppArmor profile on a host that has AppArmor, and is refused on another', async () => {
    const manifest = podManifest('armoured', [staying('main')])
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default' }
    await node.create({ ...manifest, metadata: { ...manifest.metadata, annotations } })
    if ((await docker('info', '--format', '{{.SecurityOptions}}')).includes('apparmor')) {
      const pod = await node.until('armoured', 'ready', isReady)
      assert.match(await node.exec(pod, 'main', 'cat', '/proc/1/attr/current'), /enforce/u)
      return
    }
    const pod = await node.until('armoured', 'refused', hasPhase('Failed'))
    const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host'
    assert.deepEqual([pod.status?.reason, pod.status?.message], ['AppArmor', `Pod was rejected: ${message}`])
    await node.untilEvent('armoured', 'AppArmor', message)
  })

  it("is refused when it wants none of the groups of its image, which Docker adds; old servers don't know the field", async () => {
    const securityContext = { runAsUser: 1000, supplementalGroupsPolicy: 'Strict' }
    const created = node.create(podManifest('strict', [staying('main')], { securityContext }))
    if (minor < 33) {
      await assert.rejects(created, /unknown field .*supplementalGroupsPolicy/u)
      return
    }
    await created
    const pod = await node.until('strict', 'refused', hasPhase('Failed'))
    assert.equal(pod.status?.reason, 'SupplementalGroupsPolicyNotSupported')
    await node.untilEvent('strict', 'SupplementalGroupsPolicyNotSupported')
  })
})
