import type { BurstResult } from './measure-burst.ts'
import type { LogsResult } from './measure-logs.ts'
import type { ProbesResult } from './measure-probes.ts'
import type { RawBurstResult } from './measure-raw-burst.ts'
import type { ScrapeResult } from './measure-scrape.ts'
import type { SingleResult } from './measure-single.ts'
import type { Summary } from './summary.ts'
import type { TokensResult } from './measure-tokens.ts'
import type { VolumesResult } from './measure-volumes.ts'

export interface BenchResult {
  readonly machine: string
  readonly single: SingleResult | undefined
  readonly volumes: VolumesResult | undefined
  readonly tokens: TokensResult | undefined
  readonly burst: BurstResult | undefined
  readonly probes: ProbesResult | undefined
  readonly scrape: ScrapeResult | undefined
  readonly logs: LogsResult | undefined
  readonly rawBurst: readonly RawBurstResult[] | undefined
}

/** One line of the table. */
export interface Row {
  readonly what: string
  readonly p50: string
  readonly p95: string
  readonly range: string
  /** The same by Docker alone. */
  readonly raw: string
  /** What is judged: `p50` as a multiple of `raw`, or a plain number. Smaller is better. */
  readonly judged: number
  readonly unit: string
  /** To be reached first, and in the end. */
  readonly mark: number | undefined
  readonly goal: number | undefined
}

/** The marks are those of the issue and of the design's "What it must reach". */
export function rowsOf({ single, volumes, tokens, burst, probes, scrape, logs }: BenchResult): readonly Row[] {
  const rows: Row[] = []
  if (single !== undefined) {
    rows.push(
      timeRow('created → Ready', single.start, single.rawStart.p50, { mark: 1.3, goal: 1.15 }),
      timeRow('deleted → gone', single.end, single.rawEnd.p50, { mark: 2.5, goal: 1.5 }),
      plainRow('CPU of the agent for a Pod', single.agentCpuSeconds, 's', { goal: 0.05 }),
    )
  }
  if (volumes !== undefined) rows.push(...volumeRows(volumes))
  if (tokens !== undefined) rows.push(...tokenRows(tokens))
  if (burst !== undefined) rows.push(...burstRows(burst))
  if (probes !== undefined) rows.push(...probeRows(probes))
  if (scrape !== undefined) rows.push(...scrapeRows(scrape))
  if (logs !== undefined) rows.push(...logRows(logs))
  return rows
}

function burstRows(burst: BurstResult): readonly Row[] {
  const { pods, memory, idle } = burst
  return [
    timeRow(`${pods} at once → all Ready`, burst.allReady, pods * burst.rawStart.p50, { mark: 1.25, goal: 1.1 }),
    timeRow('  one of them', burst.ready, pods * burst.rawStart.p50, {}),
    timeRow(`${pods} at once → all gone`, burst.allGone, pods * burst.rawEnd.p50, {}),
    timeRow('  one of them', burst.gone, pods * burst.rawEnd.p50, {}),
    plainRow('CPU of the agent for one of them', burst.agentCpuSeconds, 's', { goal: 0.05 }),
    plainRow(`memory (RSS) with ${pods}`, memory.rssMb, 'MB', { mark: 110, goal: 100 }),
    plainRow('  of that proportional (PSS)', memory.pssMb, 'MB', {}),
    plainRow('  of that anonymous', memory.anonymousMb, 'MB', {}),
    ...(idle === undefined
      ? []
      : [
          plainRow(`idle CPU with ${pods}`, idle.agent * 100, '%', { goal: 0.5 }),
          plainRow('  of dockerd and containerd', idle.daemons * 100, '%', {}),
        ]),
  ]
}

/** The 95th percentile is what is judged. */
function probeRows({ pods, seconds: watched, came, late, lateP99, agent, daemons }: ProbesResult): readonly Row[] {
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  return [
    {
      what: `a probe each second of ${pods}, late`,
      p50: ms(late.p50),
      p95: ms(late.p95),
      range: `${ms(late.min)}–${ms(late.max)}`,
      raw: '',
      judged: late.p95,
      unit: 'ms',
      mark: 100,
      goal: 100,
    },
    plainRow('  the 99th percentile', lateP99, 'ms', {}),
    plainRow('  that came, of 100', (came / pods / watched) * 100, '', {}),
    plainRow('  CPU of the agent meanwhile', agent * 100, '%', {}),
    plainRow('  CPU of dockerd and containerd', daemons * 100, '%', {}),
  ]
}

/** What is judged is what the agent needs beside what it needs when nobody asks. */
function scrapeRows({ containers, idle, resource, all, daemons, took, bytes, grownMb }: ScrapeResult): readonly Row[] {
  return [
    plainRow(`CPU for all that is measured of ${containers}, each 15 s`, (all - idle) * 100, '%', { mark: 2, goal: 2 }),
    plainRow('  for /metrics/resource alone', (resource - idle) * 100, '%', {}),
    plainRow('  while nobody asks', idle * 100, '%', {}),
    plainRow('  of dockerd and containerd meanwhile', daemons * 100, '%', {}),
    { ...plainRow('  until an answer is there', took.p50, 'ms', {}), p50: seconds(took.p50), p95: seconds(took.p95) },
    plainRow('  the largest answer', bytes / 1e6, 'MB', {}),
    plainRow('  memory (RSS) that it takes', grownMb, 'MB', {}),
  ]
}

/** As fast as Docker's client would be 1, half as fast is 2. */
function logRows({ mebibytes, kubectl, docker, agentCpuSeconds, grownMb }: LogsResult): readonly Row[] {
  return [
    timeRow(`kubectl logs of ${mebibytes} MiB`, kubectl, docker.p50, { mark: 2, goal: 1.25 }),
    plainRow('  CPU of the agent for 1 GiB', (agentCpuSeconds * 1024) / mebibytes, 's', {}),
    plainRow('  memory (RSS) grown meanwhile', grownMb, 'MB', { goal: 16 }),
  ]
}

/** What is judged is how much later the Pod with the volume is Ready, and how soon a change is in it. */
function volumeRows({ sources, keys, plain, projected, change }: VolumesResult): readonly Row[] {
  const later = { judged: projected.p50 - plain.p50, unit: 'ms later', mark: 100, goal: 100 }
  return [
    { what: `with ${sources} sources of ${keys} keys → Ready`, ...times(projected), ...later },
    {
      what: '  a change → its file',
      ...times(change),
      judged: change.p50,
      unit: 'ms',
      mark: undefined,
      goal: undefined,
    },
  ]
}

/** How much later a Pod with a token is Ready and gone, and how much more CPU it takes. */
function tokenRows({ plain, withToken }: TokensResult): readonly Row[] {
  const later = (what: string, of: 'start' | 'end'): Row => ({
    what,
    ...times(withToken[of]),
    judged: withToken[of].p50 - plain[of].p50,
    unit: 'ms later',
    mark: undefined,
    goal: undefined,
  })
  return [
    later('with a token → Ready', 'start'),
    later('  deleted → gone', 'end'),
    plainRow('  CPU of the agent for it', withToken.agentCpuSeconds, 's', {}),
    plainRow('  and for one without', plain.agentCpuSeconds, 's', {}),
    plainRow('  CPU of mount and umount', withToken.programCpuSeconds, 's', {}),
  ]
}

function times({ p50, p95, min, max }: Summary): Pick<Row, 'p50' | 'p95' | 'range' | 'raw'> {
  return { p50: seconds(p50), p95: seconds(p95), range: `${seconds(min)}–${seconds(max)}`, raw: '' }
}

interface Marks {
  readonly mark?: number
  readonly goal?: number
}

function timeRow(what: string, measured: Summary, rawMs: number, { mark, goal }: Marks): Row {
  return {
    what,
    p50: seconds(measured.p50),
    p95: seconds(measured.p95),
    range: `${seconds(measured.min)}–${seconds(measured.max)}`,
    raw: seconds(rawMs),
    judged: measured.p50 / rawMs,
    unit: '× raw',
    mark,
    goal,
  }
}

function plainRow(what: string, judged: number, unit: string, { mark, goal }: Marks): Row {
  return { what, p50: '', p95: '', range: '', raw: '', judged, unit, mark, goal }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
