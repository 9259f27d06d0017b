import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { labels } from '../../src/model/labels.ts'
import { Kubectl } from '../support/kubectl.ts'
import { cpuSeconds, memoryUse } from './process-usage.ts'
import { summarize, type Summary } from './summary.ts'
import type { TestBed } from './test-bed.ts'

/** What it takes to read a long log: with kubectl through API server and agent, and with Docker's own client. */
export interface LogsResult {
  readonly mebibytes: number
  readonly kubectl: Summary
  readonly docker: Summary
  readonly agentCpuSeconds: number
  /** Resident memory at its highest, beside what it was before. */
  readonly grownMb: number
}

export interface LogsOptions {
  readonly mebibytes: number
  readonly rounds: number
}

const mebibyte = 1024 * 1024
/** As long as a line of a log is. */
const line = `${'0123456789 '.repeat(10).trim()}`
const watchMs = 100

/** In turn, so that whatever else the machine does meets both. */
export async function measureLogs(bed: TestBed, { mebibytes, rounds }: LogsOptions): Promise<LogsResult> {
  const { cluster, agent } = bed
  const own = await Kubectl.connect(cluster.nodeName)
  const command = ['sh', '-c', `yes '${line}' | head -c ${mebibytes * mebibyte}`]
  await cluster.start('writes', { initContainers: [{ name: 'long', command }] })
  try {
    const filters = [`${labels.node}=${cluster.nodeName}`, `${labels.containerName}=long`]
    const { stdout: id } = await shell(
      `docker ps --all --quiet ${filters.map((label) => `--filter label=${label}`).join(' ')}`,
    )
    const kubectl: number[] = []
    const docker: number[] = []
    const before = memoryUse(agent.pid).rssMb
    let highest = before
    const watch = setInterval(() => (highest = Math.max(highest, memoryUse(agent.pid).rssMb)), watchMs)
    const cpuBefore = cpuSeconds(agent.pid)
    for (let round = 0; round < rounds; round += 1) {
      docker.push(await timed(`docker logs ${id.trim()}`))
      kubectl.push(await timed(`${own.command.join(' ')} logs writes --container long`))
    }
    clearInterval(watch)
    const agentCpuSeconds = (cpuSeconds(agent.pid) - cpuBefore) / rounds
    return {
      mebibytes,
      kubectl: summarize(kubectl),
      docker: summarize(docker),
      agentCpuSeconds,
      grownMb: highest - before,
    }
  } finally {
    await cluster.end('writes')
  }
}

/** Milliseconds until a command has written all that it has to. */
async function timed(command: string): Promise<number> {
  const startedAtMs = performance.now()
  await shell(`${command} >/dev/null`)
  return performance.now() - startedAtMs
}

function shell(command: string): Promise<{ readonly stdout: string }> {
  return promisify(execFile)('sh', ['-c', command])
}
