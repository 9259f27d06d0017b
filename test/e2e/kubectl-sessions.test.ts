import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { session, Session } from '../support/session.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
after(() => rm(folder, { recursive: true }))

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('kubectl', { concurrency: 4 }, () => {
  before(async () => {
    await node.createUntil(podManifest('main', [staying('main'), staying('side')]), 'ready', isReady)
  })

  describe('exec', () => {
    it('keeps stdout and stderr apart, and ends with the exit code of the command', async () => {
      const script = 'echo out; echo err >&2; exit 42'
      const { code, stdout, stderr } = await session(
        kubectl,
        '',
        'exec',
        'main',
        '-c',
        'main',
        '--',
        'sh',
        '-c',
        script,
      )
      assert.equal(code, 42)
      assert.equal(stdout, 'out\n')
      assert.match(stderr, /^err\ncommand terminated with exit code 42\n$/u)
    })

    it('hands stdin to the command, to its end, with every byte', async () => {
      const bytes = randomBytes(3 * 1024 * 1024)
      const { code, stdout } = await session(kubectl, bytes, 'exec', '-i', 'main', '-c', 'side', '--', 'sha256sum')
      assert.deepEqual([code, stdout], [0, `${sha256(bytes)}  -\n`])
    })

    it('is a terminal with -it, on which what is typed goes on until the shell is left', async () => {
      await using shellSession = Session.onTerminal(kubectl, 'exec', '-it', 'main', '-c', 'main', '--', 'sh')
      shellSession.write('tty && echo "it is $((40 + 2))"\n')
      await shellSession.until(/\/dev\/pts\/\d+[^]*it is 42/u)
      shellSession.write('exit 7\n')
      assert.equal((await shellSession.ended()).code, 7)
    })

    it('says what is wrong with a command that there is not', async () => {
      const { code, stdout, stderr } = await session(kubectl, '', 'exec', 'main', '-c', 'main', '--', 'no-such')
      // As Docker's exec has it, and so every kubelet that drives Docker.
      assert.match(stdout, /"no-such": executable file not found/u)
      assert.deepEqual([code, stderr], [126, 'command terminated with exit code 126\n'])
    })

    it('leaves nothing running when its client is gone', async () => {
      await using sleeping = Session.start(
        kubectl,
        'exec',
        '-i',
        'main',
        '-c',
        'main',
        '--',
        'sh',
        '-c',
        'echo up; cat',
      )
      await sleeping.until(/up/u)
      sleeping.kill()
      // `cat` ends when its stdin does.
      const script = 'while pgrep -x cat >/dev/null; do sleep 0.1; done; echo gone'
      const { stdout } = await session(kubectl, '', 'exec', 'main', '-c', 'main', '--', 'sh', '-c', script)
      assert.equal(stdout, 'gone\n')
    })
  })

  describe('attach', () => {
    it('reaches the process of the container, and ends with it', async () => {
      const script = 'while read -r line; do echo "read $line"; done; echo over'
      const manifest = podManifest('attached', [shell('main', script, { stdin: true, stdinOnce: true })], {
        restartPolicy: 'Never',
      })
      await node.createUntil(manifest, 'ready', isReady)
      await using attached = Session.start(kubectl, 'attach', '-i', 'attached')
      attached.write('hello\n')
      await attached.until(/read hello\n/u)
      attached.close()
      const { code, stdout } = await attached.ended()
      assert.equal(code, 0)
      assert.match(stdout, /read hello\nover\n$/u)
      await node.until('attached', 'over', hasPhase('Succeeded'))
    })
  })

  describe('cp', () => {
    it('brings a folder there and back again as it was', async () => {
      const [there, back] = [join(folder, 'there'), join(folder, 'back')]
      await mkdir(join(there, 'below'), { recursive: true })
      const bytes = randomBytes(2 * 1024 * 1024)
      await writeFile(join(there, 'below', 'random'), bytes)
      await writeFile(join(there, 'empty'), '')
      await kubectl.run('cp', there, 'main:/tmp/copied', '-c', 'main')
      assert.equal(
        await kubectl.run('exec', 'main', '-c', 'main', '--', 'sha256sum', '/tmp/copied/below/random'),
        `${sha256(bytes)}  /tmp/copied/below/random`,
      )
      await kubectl.run('cp', 'main:/tmp/copied', back, '-c', 'main')
      assert.deepEqual(await readFile(join(back, 'below', 'random')), bytes)
      assert.equal((await readFile(join(back, 'empty'))).length, 0)
    })
  })

  describe('run', () => {
    const placed = JSON.stringify({ spec: { nodeName: node.name, automountServiceAccountToken: false } })
    const flags = [
      '--image=busybox:1.36',
      '--image-pull-policy=IfNotPresent',
      '--restart=Never',
      `--overrides=${placed}`,
    ]

    it('-i --rm gives a container its stdin and takes its output, and removes the Pod', async () => {
      const { code, stdout } = await session(
        kubectl,
        'a b c\n',
        'run',
        'counted',
        '-i',
        '--rm',
        ...flags,
        '--',
        'wc',
        '-w',
      )
      assert.equal(code, 0)
      assert.match(stdout, /^3\npod "counted" deleted/u)
      await node.untilGone('counted')
    })

    it('-it --rm is a terminal in a container that is there only for that', async () => {
      await using typed = Session.onTerminal(kubectl, 'run', 'typed', '-it', '--rm', ...flags, '--', 'sh')
      // What was printed before anybody was there is not shown again; kubectl says what to do.
      await typed.until(/try pressing enter/u)
      typed.write('\n')
      await typed.until(/# /u)
      typed.write('echo "it is $((40 + 2))"\n')
      await typed.until(/it is 42/u)
      typed.write('exit\n')
      assert.equal((await typed.ended()).code, 0)
      await node.untilGone('typed')
    })
  })
})
