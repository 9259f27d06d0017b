import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { Loopback } from '../support/loopback.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, hasPhase, isReady, podManifest, shell, statusOf, staying, untilTold } from '../support/test-pod.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** Asks each second; one failure is enough. */
function probe(how: Probe, change: Probe = {}): Probe {
  return { periodSeconds: 1, failureThreshold: 1, ...how, ...change }
}

function cat(file: string, change: Probe = {}): Probe {
  return probe({ exec: { command: ['cat', file] } }, { timeoutSeconds: 10, ...change })
}

/** A web server that has a page `/index.html`, and others as they are made in `/www`. */
function web(change: Partial<ContainerSpec> = {}): ContainerSpec {
  return shell('web', `mkdir /www; echo hello >/www/index.html; httpd -p 8080 -h /www; ${untilTold}`, {
    ports: [{ name: 'http', containerPort: 8080 }],
    ...change,
  })
}

function restarts(count: number): (pod: Pod) => boolean {
  return (pod) => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) >= count
}

function isNotReady(pod: Pod): boolean {
  return !isReady(pod) && hasPhase('Running')(pod)
}

describe('A liveness probe', { concurrency: 4 }, () => {
  it('by a command restarts a container that is not well any more, again and again, and its Pod stays Running', async () => {
    const script = 'touch /tmp/healthy; sleep 3; rm -f /tmp/healthy; sleep 600'
    const livenessProbe = cat('/tmp/healthy', { failureThreshold: 2 })
    const manifest = podManifest('liveness', [shell('liveness', script, { livenessProbe })], {
      terminationGracePeriodSeconds: 1,
    })
    const pod = await node.createUntil(manifest, 'restarted twice', restarts(2))
    assert.equal(pod.status?.phase, 'Running')
    assert.ok(node.versions('liveness').every(({ status }) => ['Pending', 'Running'].includes(status?.phase ?? '')))
    const unhealthy = await node.untilEvent('liveness', 'Unhealthy', 'Liveness probe failed: ')
    assert.equal(unhealthy.type, 'Warning')
    assert.equal(
      unhealthy.message,
      "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
    )
    assert.equal(unhealthy.involvedObject.fieldPath, 'spec.containers{liveness}')
    await node.untilEvent('liveness', 'Killing', 'Container liveness failed liveness probe, will be restarted')
    const shown = await node.kubectl.run('get', 'pod', 'liveness', '--no-headers')
    assert.match(shown, /^liveness +\d\/1 +\w+ +[2-9] /u)
  })

  it('over TCP leaves a container alone that listens, and restarts one that does not', async () => {
    const listens = shell('listens', `httpd -p 9000; ${untilTold}`, {
      livenessProbe: probe({ tcpSocket: { port: 9000 } }, { initialDelaySeconds: 2 }),
    })
    const deaf = staying('deaf', { livenessProbe: probe({ tcpSocket: { port: 9001 } }, { initialDelaySeconds: 2 }) })
    const pod = await node.createUntil(
      podManifest('connects', [listens, deaf]),
      'restarted',
      (seen) => (findStatus(seen, 'deaf')?.restartCount ?? 0) >= 2,
    )
    assert.equal(statusOf(pod, 'listens').restartCount, 0)
    const refused = `Liveness probe failed: dial tcp ${pod.status?.podIP}:9001: connect: connection refused`
    assert.equal((await node.untilEvent('connects', 'Unhealthy')).message, refused)
  })

  it('is not asked before the startup probe has succeeded', async () => {
    const slow = shell('slow', `sleep 4; touch /tmp/started; ${untilTold}`, {
      startupProbe: cat('/tmp/started', { failureThreshold: 60 }),
      livenessProbe: cat('/tmp/started'),
    })
    const pod = await node.createUntil(podManifest('startup', [slow]), 'ready', isReady)
    assert.equal(statusOf(pod, 'slow').restartCount, 0)
    assert.equal(statusOf(pod, 'slow').started, true)
    const before = node.versions('startup').find((seen) => findStatus(seen, 'slow')?.state?.running !== undefined)
    assert.ok(before)
    assert.deepEqual([statusOf(before, 'slow').started, statusOf(before, 'slow').ready], [false, false])
    await node.untilEvent('startup', 'Unhealthy', 'Startup probe failed: ')
  })
})

describe('A readiness probe', { concurrency: 4 }, () => {
  it('over HTTP makes a Pod ready and not ready as the answers go, at a named port', async () => {
    const readinessProbe = probe({ httpGet: { port: 'http', path: '/ready' } })
    const pod = await node.createUntil(podManifest('readiness', [web({ readinessProbe })]), 'not ready', isNotReady)
    await node.untilEvent('readiness', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 404')
    await node.exec(pod, 'web', 'touch', '/www/ready')
    const ready = await node.until('readiness', 'ready', isReady)
    assert.equal(statusOf(ready, 'web').ready, true)
    await node.exec(ready, 'web', 'rm', '/www/ready')
    const again = await node.until('readiness', 'not ready again', isNotReady)
    assert.equal(statusOf(again, 'web').restartCount, 0)
    assert.equal(
      again.status?.conditions?.find(({ type }) => type === 'Ready')?.message,
      'containers with unready status: [web]',
    )
  })

  it('waits for its initial delay', async () => {
    const readinessProbe = probe(
      { httpGet: { port: 8080, path: '/' } },
      { initialDelaySeconds: 4, failureThreshold: 3 },
    )
    const pod = await node.createUntil(podManifest('initial-delay', [web({ readinessProbe })]), 'ready', isReady)
    const readySince = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? ''
    const startedAt = statusOf(pod, 'web').state?.running?.startedAt ?? ''
    assert.ok(Date.parse(readySince) - Date.parse(startedAt) >= 4000, `started ${startedAt}, ready ${readySince}`)
  })

  it('over HTTPS looks at no certificate, sends the headers, and warns of a redirect to elsewhere', async () => {
    const asked: string[] = []
    await using server = await Loopback.https((request, response) => {
      asked.push(`${request.headers.host} ${request.headers['user-agent']} ${String(request.headers['x-probe'])}`)
      response.writeHead(302, { location: 'http://0.0.0.0/' }).end('<a href="http://0.0.0.0/">Found</a>.\n\n')
    })
    const httpHeaders = [
      { name: 'Host', value: 'example.com' },
      { name: 'X-Probe', value: 'e2e' },
    ]
    const httpGet = { host: '127.0.0.1', port: server.port, scheme: 'HTTPS', path: '/', httpHeaders }
    const main = staying('main', { readinessProbe: probe({ httpGet }) })
    await node.createUntil(podManifest('redirected', [main]), 'ready', isReady)
    const warning = await node.untilEvent('redirected', 'ProbeWarning')
    assert.equal(
      warning.message,
      'Readiness probe warning: Probe terminated redirects, Response body: <a href="http://0.0.0.0/">Found</a>.\n\n',
    )
    assert.equal(asked[0], 'example.com kube-probe/1.36 e2e')
  })

  it('that takes longer than it may fails', async () => {
    const readinessProbe = probe({ exec: { command: ['sleep', '10'] } }, { timeoutSeconds: 1 })
    await node.create(podManifest('too-slow', [staying('main', { readinessProbe })]))
    const message = 'Readiness probe failed: command timed out: "sleep 10" timed out after 1s'
    assert.equal((await node.untilEvent('too-slow', 'Unhealthy')).message, message)
    assert.ok(!node.versions('too-slow').some(isReady))
  })

  it('at a port that does not exist leaves the Pod not ready, and says so', async () => {
    const readinessProbe = probe({ httpGet: { port: 'nowhere', path: '/' } })
    await node.create(podManifest('no-such-port', [web({ readinessProbe })]))
    const message =
      'Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "nowhere": invalid syntax'
    assert.equal((await node.untilEvent('no-such-port', 'Unhealthy')).message, message)
    await node.until('no-such-port', 'running and not ready', isNotReady)
  })

  it('goes on while its Pod ends', async () => {
    const script = "trap 'rm /tmp/ready; sleep 6; exit 0' TERM; touch /tmp/ready; while :; do sleep 0.2; done"
    const probes = { readinessProbe: cat('/tmp/ready'), livenessProbe: cat('/tmp/ready', { initialDelaySeconds: 1 }) }
    const manifest = podManifest('ending', [shell('main', script, probes)], { terminationGracePeriodSeconds: 30 })
    await node.createUntil(manifest, 'ready', isReady)
    await node.kubectl.run('delete', 'pod', 'ending', '--wait=false')
    await node.until('ending', 'ending and not ready', (pod) => !isReady(pod) && hasPhase('Running')(pod))
    await node.untilGone('ending')
    const liveness = node.events.items.filter(
      ({ object }) => object.involvedObject.name === 'ending' && object.message?.includes('iveness probe failed'),
    )
    assert.deepEqual(liveness, [])
  })
})

describe('A readiness gate', () => {
  it('keeps a Pod from being ready until somebody else says that it is', async () => {
    const type = 'example.com/feature'
    const manifest = podManifest('gated', [staying('main')], { readinessGates: [{ conditionType: type }] })
    const message = `corresponding condition of pod readiness gate "${type}" does not exist.`
    await node.createUntil(
      manifest,
      'running behind its gate',
      ({ status }) => status?.conditions?.some((one) => one.type === 'Ready' && one.message === message) === true,
    )
    for (const [status, isAsWanted] of [
      ['True', isReady],
      ['False', isNotReady],
    ] as const) {
      await setCondition('gated', { type, status })
      await node.until('gated', `as the gate says that is ${status}`, isAsWanted)
    }
  })
})

describe('An agent that comes anew', () => {
  it('leaves ready what was ready, and asks on', async () => {
    await using own = await TestNode.start()
    const script = `touch /tmp/ready; ${untilTold}`
    const main = shell('main', script, { readinessProbe: cat('/tmp/ready', { periodSeconds: 3 }) })
    const pod = await own.createUntil(podManifest('kept', [main]), 'ready', isReady)
    await own.agent.kill()
    const seen = own.versions('kept').length
    own.restartAgent()
    await own.createUntil(podManifest('newcomer', [staying('main')]), 'ready', isReady)
    assert.ok(own.versions('kept').slice(seen).every(isReady))
    await own.exec(pod, 'main', 'rm', '/tmp/ready')
    await own.until('kept', 'not ready', isNotReady)
  })
})

/** Somebody else sets a condition of a Pod. */
async function setCondition(
  name: string,
  condition: { readonly type: string; readonly status: string },
): Promise<void> {
  const pod = await node.kubectl.get<Pod>('pod', name)
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type)
  const changed = { ...pod, status: { ...pod.status, conditions: [...others, condition] } }
  const path = `/api/v1/namespaces/${node.name}/pods/${name}/status`
  try {
    await node.kubectl.feed('replace', changed, '--raw', path)
  } catch (error) {
    // The agent was quicker with a status of its own.
    if (!/Conflict|modified/u.test(String(error))) throw error
    await setCondition(name, condition)
  }
}
