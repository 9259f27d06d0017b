import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { labels } from '../../../src/model/labels.ts'
import { Kubectl } from '../../support/kubectl.ts'
import { cpuSeconds, memoryUse } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import { single, summarize } from '../report/summary.ts'

export interface LogsOptions {
  readonly mebibytes: number
  readonly rounds: number
}

const mebibyte = 1024 * 1024
/** As long as a line of a log is. */
const line = `${'0123456789 '.repeat(10).trim()}`
const watchMs = 100

/**
 * What it takes to read a long log: with kubectl through API server and agent, and with Docker's own client. In turn, so
 * that whatever else the machine does meets both.
 */
export async function measureLogs(bed: TestBed, { mebibytes, rounds }: LogsOptions): Promise<Measured> {
  const { cluster, agent } = bed
  await bed.turns.give(bed.ours)
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
    return rowsOnly([
      {
        what: `kubectl logs of ${mebibytes} MiB`,
        unit: 'ms',
        ours: summarize(kubectl),
        raw: summarize(docker),
        goal: { kind: 'ratio', most: 1.25 },
      },
      { what: 'CPU for 1 GiB', isDetail: true, unit: 's of CPU', ours: single((agentCpuSeconds * 1024) / mebibytes) },
      {
        what: 'memory (RSS) grown meanwhile',
        isDetail: true,
        unit: 'MB',
        ours: single(highest - before),
        goal: { kind: 'limit', most: 16 },
      },
    ])
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
