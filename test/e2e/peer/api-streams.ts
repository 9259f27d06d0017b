import { connectSpdy } from '../../support/connect-spdy.ts'
import type { SpdyClient } from '../../support/spdy-client.ts'
import type { ApiServer } from './api-server.ts'

/** A request that becomes a connection of streams, and what is said on them. */
export interface StreamQuestion {
  readonly what: string
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly protocols: readonly string[]
  /** The headers of each stream, by a name for it. */
  readonly streams: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly input?: string
  /** What is waited for on which stream; without it, for the end of `error`. */
  readonly until?: readonly [stream: string, text: string]
}

const all = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
const deadlineMs = 20_000

function streamsOf(...types: readonly string[]): StreamQuestion['streams'] {
  return Object.fromEntries(types.map((streamType) => [streamType, { streamType }]))
}

function exec(what: string, command: readonly string[], change: Partial<StreamQuestion> = {}): StreamQuestion {
  const query = command.map((word) => `command=${encodeURIComponent(word)}`).join('&')
  return {
    what: `exec ${what}`,
    path: `/exec/<node>/talks/main?${query}&output=1&error=1`,
    method: 'POST',
    protocols: all,
    streams: streamsOf('error', 'stdout', 'stderr'),
    ...change,
  }
}

const failing = ['sh', '-c', 'echo out; sleep 0.2; echo err >&2; exit 7']
const forwarded = { method: 'POST', protocols: ['portforward.k8s.io'] } as const

function portStreams(headers: Readonly<Record<string, string>>): StreamQuestion['streams'] {
  return { error: { streamType: 'error', ...headers }, data: { streamType: 'data', ...headers } }
}

export const streamQuestions: readonly StreamQuestion[] = [
  exec('that succeeds', ['echo', 'out']),
  ...all.map((protocol) => exec(`that fails, ${protocol}`, failing, { protocols: [protocol] })),
  ...all.map((protocol) => exec(`that is not there, ${protocol}`, ['none'], { protocols: [protocol] })),
  exec('with another order of protocols', failing, { protocols: ['v9.channel.k8s.io', ...all.toReversed()] }),
  exec('by GET', failing, { method: 'GET' }),
  exec('with input', ['cat'], {
    path: '/exec/<node>/talks/main?command=cat&output=1&input=1',
    streams: streamsOf('error', 'stdin', 'stdout'),
    input: 'hello',
  }),
  exec('with a terminal', [], {
    path: '/exec/<node>/talks/main?command=tty&output=1&error=1&input=1&tty=1',
    streams: streamsOf('error', 'stdin', 'stdout', 'resize'),
  }),
  exec('that a signal ends', ['sh', '-c', 'kill -9 $$']),
  exec('in a container that has ended', [], { path: '/exec/<node>/half/dead?command=true&output=1&error=1' }),
  exec('in a container that is not made', [], { path: '/exec/<node>/unmade/main?command=true&output=1&error=1' }),
  exec('in a container that is not there', [], { path: '/exec/<node>/talks/none?command=true&output=1&error=1' }),
  exec('in a folder for a file', ['/tmp']),
  ...['talks/none', 'half/dead', 'unmade/main'].map((place) => ({
    what: `attach to ${place}`,
    path: `/attach/<node>/${place}?output=1&error=1`,
    method: 'POST' as const,
    protocols: all,
    streams: streamsOf('error', 'stdout', 'stderr'),
  })),
  {
    what: 'attach to what reads',
    path: '/attach/<node>/talks/echoes?output=1&input=1',
    method: 'POST',
    protocols: all,
    streams: streamsOf('error', 'stdin', 'stdout'),
    input: 'hello\n',
    until: ['stdout', 'heard hello\n'],
  },
  { what: 'port without a number', path: '/portForward/<node>/talks', streams: portStreams({}), ...forwarded },
  { what: 'port 0', path: '/portForward/<node>/talks', streams: portStreams({ port: '0' }), ...forwarded },
  { what: 'port x', path: '/portForward/<node>/talks', streams: portStreams({ port: 'x' }), ...forwarded },
  {
    what: 'port of nobody',
    path: '/portForward/<node>/talks',
    streams: portStreams({ port: '9', requestid: '0' }),
    ...forwarded,
  },
]

/** What came, by stream and in short: the answer's protocol, each stream's text and how it ended. */
export async function askStreams(server: ApiServer, question: StreamQuestion): Promise<ReadonlyMap<string, string>> {
  const { path, method, protocols } = question
  const options = { ...server.options({ path, method }), path, method }
  try {
    const { client, protocol, socket } = await connectSpdy(options, ...protocols)
    const end = setTimeout(() => socket.destroy(), deadlineMs)
    try {
      return new Map([['protocol', protocol], ...(await talk(client, question))])
    } finally {
      clearTimeout(end)
      socket.destroy()
    }
  } catch (error) {
    return new Map([['refused', error instanceof Error ? error.message : String(error)]])
  }
}

async function talk(client: SpdyClient, question: StreamQuestion): Promise<readonly [string, string][]> {
  const ids = new Map<string, number>()
  for (const [name, headers] of Object.entries(question.streams)) {
    const id = client.open(headers)
    ids.set(name, id)
    await client.until((seen) => isAnswered(seen, id))
  }
  const idOf = (name: string): number => ids.get(name) ?? 0
  if (question.input !== undefined) client.data(idOf('stdin'), question.input, { fin: question.until === undefined })
  const [waitedFor, text] = question.until ?? ['error', undefined]
  await client.until((seen) =>
    text === undefined ? isOver(seen, idOf(waitedFor)) : seen.received(idOf(waitedFor)).includes(text),
  )
  return [...ids].map(([name, id]) => [name, client.received(id).toString()])
}

function isAnswered(client: SpdyClient, id: number): boolean {
  return client.ofKind('syn-reply').some(({ streamId }) => streamId === id) || client.hasReset(id)
}

function isOver(client: SpdyClient, id: number): boolean {
  return client.hasEnded(id) || client.hasReset(id)
}
