import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { proxiedNode } from '../support/node-address.ts'
import { Scraped } from '../support/scraped.ts'
import { Session } from '../support/session.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start(...(await proxiedNode()))
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node

async function scrape(): Promise<Scraped> {
  return new Scraped(`${await kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy/metrics`)}\n`)
}

/** How many requests for these paths the agent is about to answer. */
function underWay(scraped: Scraped): number {
  const paths = new Set(['exec', 'attach', 'portForward', 'containerLogs'])
  const inflight = scraped.of('kubelet_http_inflight_requests').filter(({ labels }) => paths.has(labels['path'] ?? ''))
  return inflight.reduce((sum, { value }) => sum + value, 0)
}

/** Asks the agent itself until it is so: nothing else tells. */
async function scrapeUntil(what: string, test: (scraped: Scraped) => boolean): Promise<Scraped> {
  const endMs = Date.now() + 60_000
  for (;;) {
    const scraped = await scrape()
    if (test(scraped)) return scraped
    assert.ok(Date.now() < endMs, `In vain waited for ${what}; under way: ${underWay(scraped)}`)
  }
}

function openFiles(scraped: Scraped): number {
  return scraped.value('process_open_fds') ?? 0
}

/** What runs until somebody ends it, and what it prints when it has begun. */
const kinds = [
  [['exec', '-i', 'main', '--', 'sh', '-c', 'echo begun; cat -'], /begun/u],
  [['attach', '-i', 'main'], /lines of main/u],
  [['logs', '-f', 'main'], /lines of main/u],
  [['port-forward', 'main', ':80'], /Forwarding from/u],
] as const

describe('Clients that are gone without a word', { timeout: 300_000 }, () => {
  before(async () => {
    const script = `while true; do echo lines of main; sleep 0.2; done & ${untilTold}`
    await node.createUntil(podManifest('main', [shell('main', script, { stdin: true })]), 'ready', isReady)
  })

  it('leave nothing under way in the agent, nothing open, and nothing running in the container', async () => {
    // The first of each kind loads what the agent keeps.
    for (const [args, begun] of kinds) {
      await using first = Session.start(kubectl, ...args)
      await first.until(begun)
    }
    const idle = await scrapeUntil('the first to end', (scraped) => underWay(scraped) === 0)

    const sessions = [1, 2, 3, 4].flatMap(() => kinds.map(([args]) => Session.start(kubectl, ...args)))
    const patterns = [1, 2, 3, 4].flatMap(() => kinds.map(([, begun]) => begun))
    try {
      await Promise.all(sessions.map((session, index) => session.until(patterns[index] ?? /$/u)))
      // A port-forward asks the node when somebody connects, not before.
      await scrapeUntil('all to be under way', (scraped) => underWay(scraped) >= 12)
    } finally {
      for (const session of sessions) session.kill()
    }
    const after = await scrapeUntil('all to end', (scraped) => underWay(scraped) === 0)
    assert.ok(
      openFiles(after) <= openFiles(idle) + 8,
      `${openFiles(after)} files are open, before ${openFiles(idle)} were`,
    )
    // Each `cat` has come to the end of what it reads.
    const script = "while ps | grep -q '[c]at -'; do sleep 0.1; done; echo gone"
    assert.equal(await kubectl.run('exec', 'main', '--', 'sh', '-c', script), 'gone')
  })
})
