import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, KubeNode, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, hasPhase, isReady, podManifest, shell, staying, waitsFor } from '../support/test-pod.ts'
import { applyExample } from './examples.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** The variables of a container's first process, by name. */
async function environmentOf(pod: Pod, container = 'main'): Promise<ReadonlyMap<string, string>> {
  const printed = await node.exec(pod, container, 'sh', '-c', "tr '\\n\\0' '\\r\\n' < /proc/1/environ")
  const lines = printed.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

async function run(name: string, part: Partial<ContainerSpec>, change: object = {}): Promise<Pod> {
  return node.createUntil(podManifest(name, [staying('main', part)], change), 'ready', isReady)
}

function putConfigMap(name: string, data: Readonly<Record<string, string>>): Promise<string> {
  return node.kubectl.feed('apply', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
}

function messageOf(pod: Pod): string | undefined {
  return findStatus(pod, 'main')?.state?.waiting?.message
}

/** How often the agent tried to make a container of this Pod and could not. */
function failures(name: string): number {
  return node.agent.log.items.filter(({ msg, pod }) => msg === 'container-failed' && pod === `${node.name}/${name}`)
    .length
}

describe('The environment of a container', { concurrency: 8 }, () => {
  it('is made of ConfigMaps and Secrets, whole or key by key, in this order', async () => {
    await putConfigMap('settings', { color: 'red', 'file.txt': 'one\ntwo', shadowed: 'from the map' })
    const stringData = { user: 'anna', shadowed: 'from the secret' }
    await node.kubectl.feed('apply', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, stringData })
    const pod = await run('sources', {
      envFrom: [
        { configMapRef: { name: 'settings' } },
        { prefix: 'MY.', secretRef: { name: 'login' } },
        { secretRef: { name: 'login' } },
        { configMapRef: { name: 'absent', optional: true } },
      ],
      env: [
        { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
        { name: 'WHO', valueFrom: { secretKeyRef: { name: 'login', key: 'user' } } },
        { name: 'NOBODY', valueFrom: { secretKeyRef: { name: 'login', key: 'none', optional: true } } },
        { name: 'TEXT', value: '$(WHO) likes $(COLOR), not $(NOBODY) and $$(COLOR)' },
      ],
    })
    const environment = await environmentOf(pod)
    const names = ['color', 'file.txt', 'shadowed', 'MY.user', 'MY.shadowed', 'user', 'COLOR', 'WHO', 'NOBODY', 'TEXT']
    assert.deepEqual(
      names.map((name) => environment.get(name)),
      [
        'red',
        'one\rtwo',
        'from the secret',
        'anna',
        'from the secret',
        'anna',
        'red',
        'anna',
        undefined,
        'anna likes red, not $(NOBODY) and $(COLOR)',
      ],
    )
  })

  it('has the fields of its Pod', async () => {
    const paths = [
      'metadata.name',
      'metadata.namespace',
      'metadata.uid',
      "metadata.labels['app']",
      "metadata.annotations['example.org/note']",
      "metadata.labels['none']",
      'spec.nodeName',
      'spec.serviceAccountName',
      'status.hostIP',
      'status.podIP',
      'status.podIPs',
    ]
    const env = paths.map((fieldPath, index) => ({ name: `F${index}`, valueFrom: { fieldRef: { fieldPath } } }))
    const manifest = podManifest('fields', [staying('main', { env })])
    const labels = { app: 'web' }
    const annotations = { 'example.org/note': 'two words' }
    const pod = await node.createUntil(
      { ...manifest, metadata: { name: 'fields', labels, annotations } },
      'ready',
      isReady,
    )
    const environment = await environmentOf(pod)
    const { podIP, hostIP } = pod.status ?? {}
    assert.deepEqual(
      paths.map((_, index) => environment.get(`F${index}`)),
      ['fields', node.name, pod.metadata.uid, 'web', 'two words', '', node.name, 'default', hostIP, podIP, podIP],
    )
    assert.match(podIP ?? '', /^\d/u)
    assert.equal(hostIP, '127.0.0.1')
  })

  it('has the address of the node on the host’s network', async () => {
    const env = [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
    const pod = await run('host', { env }, { hostNetwork: true })
    assert.equal((await environmentOf(pod)).get('IP'), '127.0.0.1')
  })

  it('has what the container may use, and what the node has where there is no limit', async () => {
    const of = (resource: string, divisor: string) => ({ resourceFieldRef: { resource, divisor } })
    const env = [
      { name: 'CPU', valueFrom: of('limits.cpu', '1') },
      { name: 'MILLI', valueFrom: of('requests.cpu', '1m') },
      { name: 'MEMORY', valueFrom: of('limits.memory', '1Mi') },
    ]
    const resources = { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '50m', memory: '32Mi' } }
    const [sized, free] = await Promise.all([run('sized', { env, resources }), run('free', { env })])
    const { status } = await node.kubectl.get<KubeNode>('node', node.name)
    const values = async (pod: Pod) => {
      const environment = await environmentOf(pod)
      return ['CPU', 'MILLI', 'MEMORY'].map((name) => environment.get(name))
    }
    assert.deepEqual(await values(sized), ['2', '50', '64'])
    const mebibytes = Math.ceil(Number.parseInt(status?.allocatable?.['memory'] ?? '', 10) / 1024)
    assert.match(status?.allocatable?.['memory'] ?? '', /Ki$/u)
    assert.deepEqual(await values(free), [status?.allocatable?.['cpu'], '0', String(mebibytes)])
  })

  it('is expanded in the command and its arguments', async () => {
    const env = [
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'GREETING', value: 'hello $(NAME)' },
    ]
    const command = ['sh', '-c', 'echo "$0 $1 $2"', '$(GREETING)']
    const main = { ...shell('main', ''), env, command, args: ['$$(NAME)', '$(KUBERNETES_SERVICE_PORT)'] }
    await node.create(podManifest('expanded', [main], { restartPolicy: 'Never' }))
    const pod = await node.until('expanded', 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'main'), 'hello expanded $(NAME) 443')
  })
})

describe('Services', () => {
  it('are in the environment of Pods that come after them, and the API server’s alone in those that want no others', async () => {
    const ports = [
      { name: 'http-main', port: 8765, targetPort: 80 },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ]
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'foo-service' }, spec: { ports } }
    await node.kubectl.feed('create', service)
    const ip = (await node.kubectl.get<{ readonly spec: { readonly clusterIP: string } }>('service', 'foo-service'))
      .spec.clusterIP
    const [linked, unlinked] = await Promise.all([
      run('linked', {}),
      run('unlinked', {}, { enableServiceLinks: false }),
    ])
    const environment = await environmentOf(linked)
    const ours = [...environment].filter(([name]) => name.startsWith('FOO_SERVICE_'))
    assert.deepEqual(Object.fromEntries(ours), {
      FOO_SERVICE_SERVICE_HOST: ip,
      FOO_SERVICE_SERVICE_PORT: '8765',
      FOO_SERVICE_SERVICE_PORT_HTTP_MAIN: '8765',
      FOO_SERVICE_SERVICE_PORT_DNS: '53',
      FOO_SERVICE_PORT: `tcp://${ip}:8765`,
      FOO_SERVICE_PORT_8765_TCP: `tcp://${ip}:8765`,
      FOO_SERVICE_PORT_8765_TCP_PROTO: 'tcp',
      FOO_SERVICE_PORT_8765_TCP_PORT: '8765',
      FOO_SERVICE_PORT_8765_TCP_ADDR: ip,
      FOO_SERVICE_PORT_53_UDP: `udp://${ip}:53`,
      FOO_SERVICE_PORT_53_UDP_PROTO: 'udp',
      FOO_SERVICE_PORT_53_UDP_PORT: '53',
      FOO_SERVICE_PORT_53_UDP_ADDR: ip,
    })
    const others = await environmentOf(unlinked)
    assert.equal(others.get('FOO_SERVICE_PORT'), undefined)
    assert.equal(others.get('KUBERNETES_SERVICE_HOST'), environment.get('KUBERNETES_SERVICE_HOST'))
    assert.match(others.get('KUBERNETES_SERVICE_HOST') ?? '', /^\d/u)
  })
})

describe('A container that lacks something for its environment', { concurrency: 4 }, () => {
  it('waits for a ConfigMap in the kubelet’s words, and starts as soon as there is one', async () => {
    const main = staying('main', { envFrom: [{ configMapRef: { name: 'late' } }] })
    const pod = await node.createUntil(
      podManifest('hopeful', [main]),
      'waiting',
      waitsFor('main', 'CreateContainerConfigError'),
    )
    assert.equal(messageOf(pod), 'configmap "late" not found')
    await node.untilEvent('hopeful', 'Failed', 'Error: configmap "late" not found')
    const before = failures('hopeful')
    await putConfigMap('late', { color: 'green' })
    const healed = await node.until('hopeful', 'ready', isReady)
    assert.equal((await environmentOf(healed)).get('color'), 'green')
    // Nothing was tried in between, as it is every ten seconds.
    assert.equal(failures('hopeful'), before)
  })

  it('waits for a key that is missing, and starts as soon as it is there', async () => {
    const stringData = { user: 'anna' }
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'partial' } }
    await node.kubectl.feed('apply', { ...secret, stringData })
    const env = [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'partial', key: 'password' } } }]
    const manifest = podManifest('keyless', [staying('main', { env })])
    const pod = await node.createUntil(manifest, 'waiting', waitsFor('main', 'CreateContainerConfigError'))
    assert.equal(messageOf(pod), `couldn't find key password in Secret ${node.name}/partial`)
    await node.kubectl.feed('apply', { ...secret, stringData: { ...stringData, password: 'word' } })
    const healed = await node.until('keyless', 'ready', isReady)
    assert.equal((await environmentOf(healed)).get('WORD'), 'word')
  })

  it('does not hold up the others of its Pod', async () => {
    const main = staying('main', { envFrom: [{ secretRef: { name: 'never' } }] })
    const pod = await node.createUntil(
      podManifest('half', [main, staying('other')]),
      'half running',
      (seen) => waitsFor('main', 'CreateContainerConfigError')(seen) && findStatus(seen, 'other')?.ready === true,
    )
    assert.equal(messageOf(pod), 'secret "never" not found')
  })
})

it('A container that starts anew has what its ConfigMap says then', async () => {
  await putConfigMap('changing', { color: 'red' })
  const pod = await run('again', { envFrom: [{ configMapRef: { name: 'changing' } }] })
  await putConfigMap('changing', { color: 'blue' })
  assert.equal((await environmentOf(pod)).get('color'), 'red')
  await docker('kill', findStatus(pod, 'main')?.containerID?.replace('docker://', '') ?? '')
  const anew = await node.until(
    'again',
    'restarted',
    (seen) => isReady(seen) && findStatus(seen, 'main')?.restartCount === 1,
  )
  assert.equal((await environmentOf(anew)).get('color'), 'blue')
})

it('The example configmap-env prints what the file says, whole and line by line', async () => {
  await applyExample(node, 'configmap-env.yaml')
  const pod = await node.until('configmap-env', 'over', hasPhase('Succeeded'))
  assert.equal(
    await node.logs(pod, 'main'),
    'user.name=anna\nuser.level=7\nwelcome=Good morning, anna\n\nGood morning, anna, level 7',
  )
})
