import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { engineContract } from '../../contract/engine.contract.ts'
import type { EngineHarness } from '../../contract/engine/harness.ts'
import { commands, echoPort, execs } from '../../contract/engine/requests.ts'
import type { DockerCreateRequest } from '../../../src/model/docker.ts'
import type { FakeCommand, Program } from '../../fakes/fake-container.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'
import { copiesInput, type FakeTerminal } from '../../fakes/fake-session.ts'

engineContract('the fake', async (): Promise<EngineHarness> => {
  const docker = new FakeDocker({ program, command })
  docker.addImage('busybox:1.36')
  return {
    engine: new FakeEngine({ docker, nodeName: 'node-a' }),
    nodeName: 'node-a',
    otherEngine: new FakeEngine({ docker, nodeName: 'node-b' }),
    otherNodeName: 'node-b',
    image: 'busybox:1.36',
    [Symbol.asyncDispose]: async () => {},
  }
})

function program({ body }: DockerCreateRequest): Program {
  if (isDeepStrictEqual(body.Cmd, commands.prints)) return { kind: 'exits', exitCode: 3, output: 'one\ntwo\nthree\n' }
  const eol = body.Tty === true ? '\r\n' : '\n'
  if (isDeepStrictEqual(body.Cmd, commands.complains)) {
    return {
      kind: 'exits',
      exitCode: 0,
      output: `first${eol}second${eol}`,
      stream: body.Tty === true ? 'stdout' : 'stderr',
    }
  }
  if (isDeepStrictEqual(body.Cmd, commands.talksLong)) {
    return { kind: 'exits', exitCode: 0, output: `${'a'.repeat(40_000)}${eol}end${eol}` }
  }
  if (isDeepStrictEqual(body.Cmd, commands.announces)) {
    return { kind: 'runs', exitCode: 5, endsAfterMs: 10, output: `up${eol}`, lastOutput: `bye${eol}` }
  }
  if (isDeepStrictEqual(body.Cmd, commands.cannotRun)) {
    return { kind: 'cannot-run', message: 'exec: "/no/such/command": stat /no/such/command: no such file or directory' }
  }
  if (isDeepStrictEqual(body.Cmd, commands.tidies))
    return { kind: 'runs', exitCode: 5, endsAfterMs: 10, output: 'up\n' }
  if (isDeepStrictEqual(body.Cmd, commands.echoes)) {
    return { kind: 'runs', ports: { [echoPort]: (connection) => connection.pipe(connection) } }
  }
  if (isDeepStrictEqual(body.Cmd, commands.copies)) return { kind: 'runs', talk: copiesInput }
  deepEqual(body.Cmd, commands.runs)
  return body.StopSignal === 'SIGTERM' ? { kind: 'runs', endsAfterMs: 3_600_000 } : { kind: 'runs' }
}

function command(args: readonly string[]): FakeCommand {
  if (
    isDeepStrictEqual(args, execs.succeeds) ||
    isDeepStrictEqual(args, execs.sees) ||
    isDeepStrictEqual(args, execs.hears)
  )
    return { kind: 'ends', exitCode: 0 }
  if (isDeepStrictEqual(args, execs.fails))
    return { kind: 'ends', exitCode: 3, output: 'to stdout\n', errors: 'to stderr\n' }
  if (isDeepStrictEqual(args, execs.missing)) {
    const output = 'exec: "/no/such/command": stat /no/such/command: no such file or directory'
    return { kind: 'ends', exitCode: 126, output }
  }
  if (isDeepStrictEqual(args, execs.talks)) return { kind: 'ends', exitCode: 0, output: '0123456789\n'.repeat(90_909) }
  if (isDeepStrictEqual(args, execs.copies)) return { kind: 'talks', talk: copiesInput }
  if (isDeepStrictEqual(args, execs.measures)) return { kind: 'talks', talk: tellsSize }
  deepEqual(args, execs.hangs)
  return { kind: 'hangs', output: 'still here\n' }
}

async function tellsSize({ stdin, stdout, size }: FakeTerminal): Promise<number> {
  stdout.write('ready\r\n')
  await once(stdin, 'data')
  stdout.write(`${size()?.height} ${size()?.width}\r\n`)
  return 0
}
