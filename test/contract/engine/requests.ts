import { randomUUID } from 'node:crypto'
import type { DockerCreateBody, DockerCreateRequest, DockerHostConfig } from '../../../src/model/docker.ts'
import { containerId, podUid } from '../../../src/model/ids.ts'
import { labels, sandboxContainerName } from '../../../src/model/labels.ts'
import type { EngineHarness } from './harness.ts'

export const echoPort = 47007

/** The commands of the suite's containers: a shell's for Docker, to be recognised by the fake. */
export const commands = {
  runs: ['sleep', '3600'],
  /** Says so, and on SIGTERM takes a moment, and ends with 5. */
  tidies: ['sh', '-c', "trap 'sleep 0.5; exit 5' TERM; echo up; while :; do sleep 0.1; done"],
  prints: ['sh', '-c', 'echo one; echo two; echo three; exit 3'],
  copies: ['cat'],
  /** To stderr alone. */
  complains: ['sh', '-c', 'echo first >&2; echo second >&2'],
  /** A line of 40 000 bytes, and a short one. */
  talksLong: ['sh', '-c', "head -c 40000 /dev/zero | tr '\\0' a; echo; echo end"],
  /** Says so, and on SIGTERM that it ends. */
  announces: ['sh', '-c', "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.1; done"],
  /** Sends back, on `echoPort`, what it is sent, to each who connects. */
  echoes: ['nc', '-ll', '-p', '47007', '-e', 'cat'],
  cannotRun: ['/no/such/command'],
} as const

/** The commands that the suite executes in a container that runs. */
export const execs = {
  succeeds: ['true'],
  fails: ['sh', '-c', 'echo to stderr >&2; echo to stdout; exit 3'],
  missing: ['/no/such/command'],
  talks: ['sh', '-c', 'yes 0123456789 | head -c 1000000'],
  hangs: ['sh', '-c', 'echo still here; touch /tmp/hangs; sleep 3600'],
  /** Ends when one that hangs is under way in the same container. */
  sees: ['sh', '-c', 'until [ -e /tmp/hangs ]; do sleep 0.01; done'],
  copies: ['cat'],
  /** Ends when somebody listens on `echoPort`. */
  hears: ['sh', '-c', 'until grep -q ":B79F .* 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.01; done'],
  measures: ['sh', '-c', 'stty -echo; echo ready; read -r line; stty size'],
} as const

/** The id of no container. */
export const noId = containerId('f'.repeat(64))

/** The Pod that all of them belong to. */
export const owner = { podUid: podUid(randomUUID()), podName: 'web', podNamespace: 'default' }

interface RequestOptions {
  readonly attempt?: number
  readonly image?: string
  readonly command?: readonly string[]
  /** Default: SIGKILL, because `sleep` doesn't care for SIGTERM when it is PID 1. */
  readonly stopSignal?: string
  readonly tty?: boolean
  /** It has an input, which ends with that of the first who attaches. */
  readonly stdin?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly host?: Partial<DockerHostConfig>
}

type Node = Pick<EngineHarness, 'nodeName' | 'image'>

export function sandboxRequest(node: Node, options: RequestOptions = {}): DockerCreateRequest {
  return request(node, options, { [labels.kind]: 'sandbox', [labels.containerName]: sandboxContainerName })
}

export function containerRequest(node: Node, options: RequestOptions = {}): DockerCreateRequest {
  return request(node, options, {
    [labels.kind]: 'container',
    [labels.containerName]: 'main',
    [labels.sandboxId]: noId,
    [labels.hash]: 'abc',
    [labels.terminationMessagePath]: '/dev/termination-log',
    [labels.terminationMessagePolicy]: 'File',
    [labels.terminationGracePeriodSeconds]: '30',
  })
}

function request(node: Node, options: RequestOptions, own: Readonly<Record<string, string>>): DockerCreateRequest {
  const body: DockerCreateBody = {
    Image: options.image ?? node.image,
    Cmd: options.command ?? commands.runs,
    StopSignal: options.stopSignal ?? 'SIGKILL',
    Tty: options.tty ?? false,
    ...(options.stdin === true && { OpenStdin: true, StdinOnce: true }),
    Labels: {
      [labels.node]: node.nodeName,
      [labels.podName]: owner.podName,
      [labels.podNamespace]: owner.podNamespace,
      [labels.podUid]: owner.podUid,
      [labels.attempt]: String(options.attempt ?? 1),
      ...own,
      ...options.labels,
    },
    HostConfig: { NetworkMode: 'default', IpcMode: 'shareable', RestartPolicy: { Name: 'no' }, ...options.host },
  }
  return { name: `contract_${randomUUID()}`, body }
}
