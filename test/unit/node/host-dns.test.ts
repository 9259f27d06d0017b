import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { diskCalls } from '../../support/disk-calls.ts'
import { checkHostDns, HostDns } from '../../../src/node/host-dns.ts'

const folder = await mkdtemp(join(tmpdir(), 'minikubelet-dns-'))
after(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('HostDns', () => {
  it('reads the file', async () => {
    const path = await file('plain', 'nameserver 192.0.2.53\nsearch example.com\noptions rotate\n')
    assert.deepEqual(await new HostDns(path).read(), {
      servers: ['192.0.2.53'],
      searches: ['example.com'],
      options: ['rotate'],
    })
  })

  it('finds none where the path is empty', async () => {
    assert.equal(await new HostDns('').read(), undefined)
  })

  it('reads it anew only when it has changed', async () => {
    const path = await file('changing', 'nameserver 192.0.2.53\n')
    const dns = new HostDns(path)
    const first = await dns.read()
    assert.equal(await diskCalls(async () => void (await dns.read())), 1)
    assert.equal(await dns.read(), first)
    await writeFile(path, 'nameserver 192.0.2.54\n')
    assert.deepEqual((await dns.read())?.servers, ['192.0.2.54'])
  })

  it('says as a kubelet does what keeps it from reading', async () => {
    const missing = join(folder, 'missing')
    await assert.rejects(new HostDns(missing).read(), {
      code: 'configuration',
      message: `open ${missing}: no such file or directory`,
    })
    await assert.rejects(new HostDns(folder).read(), {
      code: 'configuration',
      message: `read ${folder}: is a directory`,
    })
  })
})

describe('checkHostDns', () => {
  /** The events about the Node, and the lines of the log. */
  async function toldOf(resolvConf: string): Promise<{ readonly events: unknown[]; readonly lines: unknown[] }> {
    const events: unknown[] = []
    const lines: unknown[] = []
    await checkHostDns({
      config: { resolvConf, clusterDomain: 'cluster.local' },
      recorder: { recordOfNode: (text) => void events.push(text) },
      log: { warn: (message, fields) => void lines.push([message, fields]) },
    })
    return { events, lines }
  }

  it('says nothing of a file that Pods can have all of, nor of none', async () => {
    const nothing = { events: [], lines: [] }
    assert.deepEqual(await toldOf(await file('short', 'search example.com\n')), nothing)
    assert.deepEqual(await toldOf(''), nothing)
  })

  it('tells the Node and the log of what is too long', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `d${index}.example`)
    const path = await file('long', `search ${names.join(' ')}\n`)
    const message = `Resolv.conf file '${path}' contains search line consisting of more than 29 domains!`
    assert.deepEqual(await toldOf(path), {
      events: [{ type: 'Warning', reason: 'CheckLimitsForResolvConf', message }],
      lines: [["Pods will not have all of the host's resolver configuration", { fault: message }]],
    })
  })

  it('tells of a file that can not be read', async () => {
    const path = join(folder, 'missing')
    const message = `open ${path}: no such file or directory`
    assert.deepEqual((await toldOf(path)).events, [{ type: 'Warning', reason: 'CheckLimitsForResolvConf', message }])
  })
})
