/** Each row of docs/image-directives.md, on images that are built for it. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { labels } from '../../src/model/labels.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, findStatus, isReady, podManifest, statusOf, waitsFor } from '../support/test-pod.ts'
import { BuiltImages } from '../support/built-images.ts'

const opened = new Opened()
const images = await opened.open(new BuiltImages())
const node = await opened.open(TestNode.start())

/** Says how it was called, and ends with 7 on SIGUSR1 and with 8 on SIGTERM. */
const entrypoint = `ENTRYPOINT ["sh", "-c", "echo called $0 $@; trap 'exit 7' USR1; trap 'exit 8' TERM; while :; do sleep 0.1; done"]`

function of(image: string, name: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  return { name, image, imagePullPolicy: 'Never', ...change }
}

/** What Docker has of a container under a path of its inspect. */
function inspected(pod: Pod, container: string, path: string): Promise<string> {
  return docker('inspect', '--format', `{{json .${path}}}`, dockerId(pod, container))
}

/** The environment of the container's first process. */
async function environment(pod: Pod, container: string): Promise<ReadonlyMap<string, string>> {
  const text = await node.exec(pod, container, 'cat', '/proc/1/environ')
  return new Map(text.split('\0').map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]))
}

describe('What an image brings', () => {
  let pod: Pod

  before(async () => {
    const image = await images.build(
      'USER www-data:daemon',
      'WORKDIR /srv/work',
      'ENV FROM_IMAGE=image BOTH=image',
      'COPY file /data/file',
      'VOLUME /data',
      'EXPOSE 81',
      'STOPSIGNAL SIGUSR1',
      'HEALTHCHECK --interval=1s CMD false',
      `LABEL flavour=sweet ${labels.podName}=another`,
      entrypoint,
      'CMD ["by", "default"]',
    )
    const containers = [
      of(image, 'plain'),
      of(image, 'told', {
        args: ['by', '$(NAME)'],
        env: [
          { name: 'NAME', value: 'the Pod' },
          { name: 'BOTH', value: 'pod' },
          { name: 'UNSEEN', value: '$(FROM_IMAGE)' },
        ],
        workingDir: '/tmp',
        securityContext: { runAsUser: 1000 },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      }),
      of(image, 'command', { command: ['sh', '-c', 'echo command $0 $@; sleep 86400'] }),
      of(image, 'both', { command: ['sh', '-c', 'echo command $0 $@; sleep 86400'], args: ['and', 'args'] }),
    ]
    pod = await node.createUntil(
      podManifest('rich', containers, { volumes: [{ name: 'data', emptyDir: {} }], restartPolicy: 'Never' }),
      'ready',
      isReady,
    )
  })

  it('USER: its processes run as that, without the group; the Pod knows better', async () => {
    const ids = (container: string) => node.exec(pod, container, 'sh', '-c', 'id -u; id -g')
    assert.equal(await ids('plain'), '33\n33')
    assert.equal(await inspected(pod, 'plain', 'Config.User'), '"www-data"')
    assert.equal(await ids('told'), '1000\n0')
  })

  it('WORKDIR: they start there, and it is made; the Pod knows better', async () => {
    const folder = (container: string) => node.exec(pod, container, 'pwd')
    assert.equal(await folder('plain'), '/srv/work')
    assert.equal(await folder('told'), '/tmp')
  })

  it("ENV: they have it; the Pod knows better, and its own values don't see it", async () => {
    const [plain, told] = await Promise.all(['plain', 'told'].map((name) => environment(pod, name)))
    assert.deepEqual([plain?.get('FROM_IMAGE'), plain?.get('BOTH')], ['image', 'image'])
    assert.deepEqual([told?.get('FROM_IMAGE'), told?.get('BOTH')], ['image', 'pod'])
    assert.equal(told?.get('UNSEEN'), '$(FROM_IMAGE)')
  })

  it('ENTRYPOINT and CMD: args replace CMD, a command both of them', async () => {
    const called = (container: string) => node.logs(pod, container)
    assert.equal(await called('plain'), 'called by default')
    assert.equal(await called('told'), 'called by the Pod')
    assert.equal(await called('command'), 'command sh')
    assert.equal(await called('both'), 'command and args')
  })

  it('VOLUME: a volume of Docker with what the image has there, but for what the Pod mounts', async () => {
    const kinds = async (container: string) => {
      const mounts: { Type: string; Destination: string }[] = JSON.parse(await inspected(pod, container, 'Mounts'))
      return mounts.filter(({ Destination }) => Destination === '/data').map(({ Type }) => Type)
    }
    assert.deepEqual(await kinds('plain'), ['volume'])
    assert.equal(await node.exec(pod, 'plain', 'cat', '/data/file'), 'of the image')
    assert.deepEqual(await kinds('told'), ['bind'])
    assert.equal(await node.exec(pod, 'told', 'ls', '/data'), '')
  })

  it('EXPOSE: nothing is published, of the container or of the sandbox', async () => {
    const [sandbox] = await node.containers(pod)
    assert.equal(await docker('port', sandbox?.Id ?? ''), '')
    assert.equal(await docker('port', dockerId(pod, 'plain')), '')
  })

  it("HEALTHCHECK: is off, as the kubelet's probes are what counts", async () => {
    assert.equal(await inspected(pod, 'plain', 'Config.Healthcheck.Test'), '["NONE"]')
    assert.equal(await docker('inspect', '--format', '{{if .State.Health}}judged{{end}}', dockerId(pod, 'plain')), '')
    assert.equal(statusOf(pod, 'plain').ready, true)
  })

  it("LABEL: is on the container in Docker, but for the agent's own", async () => {
    const found: Record<string, string> = JSON.parse(await inspected(pod, 'plain', 'Config.Labels'))
    assert.deepEqual([found['flavour'], found[labels.podName]], ['sweet', 'rich'])
  })

  it('STOPSIGNAL: is what ends it; and what Docker made of VOLUME goes with it', async () => {
    const volume = await docker(
      'inspect',
      '--format',
      '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}}{{end}}{{end}}',
      dockerId(pod, 'plain'),
    )
    await node.kubectl.run('delete', 'pod', 'rich', '--wait=false')
    await node.untilGone('rich')
    const ends = node.versions('rich').map((version) => findStatus(version, 'plain')?.state?.terminated?.exitCode)
    assert.deepEqual(new Set(ends.filter((code) => code !== undefined)), new Set([7]))
    await assert.rejects(docker('volume', 'inspect', volume), /no such volume/iu)
  })
})

describe('The USER of an image', () => {
  it('by number is checked where root is forbidden, and its group is lost', async () => {
    const image = await images.build('USER 1000:2000', entrypoint)
    const containers = [
      of(image, 'main', { securityContext: { runAsNonRoot: true } }),
      of(image, 'grouped', { securityContext: { runAsGroup: 5 } }),
    ]
    const pod = await node.createUntil(podManifest('numbered', containers), 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'sh', '-c', 'id -u; id -g'), '1000\n0')
    assert.equal(await node.exec(pod, 'grouped', 'sh', '-c', 'id -u; id -g'), '1000\n5')
  })

  const refused: readonly (readonly [string, user: string, message: RegExp])[] = [
    ['by name', 'www-data', /^container has runAsNonRoot and image has non-numeric user \(www-data\), cannot verify/u],
    ['that is root', '0:1000', /^container has runAsNonRoot and image will run as root/u],
    ['that overflows', '2147483648', /^container has runAsNonRoot and image has an invalid user id \(2147483648\)/u],
  ]
  for (const [index, [title, user, message]] of refused.entries()) {
    it(`${title} is refused where root is forbidden`, async () => {
      const image = await images.build(`USER ${user}`, entrypoint)
      const name = `forbidden-${index}`
      const main = of(image, 'main', { securityContext: { runAsNonRoot: true } })
      const pod = await node.createUntil(
        podManifest(name, [main]),
        'refused',
        waitsFor('main', 'CreateContainerConfigError'),
      )
      assert.match(statusOf(pod, 'main').state?.waiting?.message ?? '', message)
      await node.untilEvent(name, 'Failed', 'Error: container has runAsNonRoot and image')
    })
  }

  for (const [index, user] of ['nosuchuser', '2147483648'].entries()) {
    it(`that nobody is, ${user}, keeps the container from starting, in Docker's words`, async () => {
      const image = await images.build(`USER ${user}`, entrypoint)
      const name = `unknown-${index}`
      await node.create(podManifest(name, [of(image, 'main')]))
      const event = await node.untilEvent(name, 'Failed', 'Error: ')
      assert.match(
        event.message ?? '',
        index === 0 ? /unable to find user nosuchuser/u : /uids and gids must be in range/u,
      )
    })
  }
})
