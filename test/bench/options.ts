import { parseArgs } from 'node:util'

/** What can be measured, in the order in which it is. */
export const parts = ['single', 'volumes', 'tokens', 'burst', 'idle', 'probes', 'scrape', 'logs', 'raw-burst'] as const
export type Part = (typeof parts)[number]

export interface BenchOptions {
  /** Pods at once. */
  readonly pods: number
  /** Pods one at a time. */
  readonly rounds: number
  /** How often the Pods at once. */
  readonly bursts: number
  readonly idleSeconds: number
  /** Pods with a probe each second, and how long those are watched. */
  readonly probed: number
  readonly probeSeconds: number
  /** Containers of which everything is asked for each 15 s, and how long that goes on. */
  readonly scraped: number
  readonly scrapeSeconds: number
  /** Of a log that is read, and how often it is. */
  readonly logMebibytes: number
  readonly logRounds: number
  readonly only: ReadonlySet<Part>
  /** Where the figures go as JSON, beside the table. */
  readonly json: string | undefined
  /** Run the agent under V8's CPU profiler and with its debug log, and say where the time goes. */
  readonly profile: boolean
  /** A built `main.js` instead of the one that is built from this checkout. */
  readonly agent: string | undefined
  /** Where the agent's log and profile are kept; otherwise they go with the run. */
  readonly keep: string | undefined
}

export const usage = `npm run bench -- [options]: what a Pod costs, as a ratio to the same work done by Docker alone

  --pods N           Pods at once (40)
  --rounds N         Pods one at a time (12), as many with a volume of a thousand files, and with a token
  --bursts N         how often N Pods at once (2)
  --idle SECONDS     how long the agent is watched while nothing happens (20)
  --probed N         Pods with a probe each second (100)
  --probing SECONDS  how long those are watched (30)
  --scraped N        containers whose use is asked for each 15 s (100)
  --scraping SECONDS how long that goes on (60)
  --log MIB          size of a log that is read (128)
  --reads N          how often (3)
  --only A,B         only these of ${parts.join(', ')}
  --json FILE        writes the figures there, too
  --profile          where the agent's time goes: functions, and steps of a Pod (its figures are no measure then)
  --agent FILE       a built main.js instead of this checkout's
  --keep DIR         keeps the agent's log and profile there`

/** Reads the command line; `undefined` when it asks for help. Throws `TypeError` for what it can't be. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pods: { type: 'string', default: '40' },
      rounds: { type: 'string', default: '12' },
      bursts: { type: 'string', default: '2' },
      idle: { type: 'string', default: '20' },
      probed: { type: 'string', default: '100' },
      probing: { type: 'string', default: '30' },
      scraped: { type: 'string', default: '100' },
      scraping: { type: 'string', default: '60' },
      log: { type: 'string', default: '128' },
      reads: { type: 'string', default: '3' },
      only: { type: 'string', default: parts.join(',') },
      json: { type: 'string' },
      profile: { type: 'boolean', default: false },
      agent: { type: 'string' },
      keep: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    pods: count('--pods', values.pods),
    rounds: count('--rounds', values.rounds),
    bursts: count('--bursts', values.bursts),
    idleSeconds: count('--idle', values.idle),
    probed: count('--probed', values.probed),
    probeSeconds: count('--probing', values.probing),
    scraped: count('--scraped', values.scraped),
    scrapeSeconds: count('--scraping', values.scraping),
    logMebibytes: count('--log', values.log),
    logRounds: count('--reads', values.reads),
    only: new Set(values.only.split(',').map(part)),
    json: values.json,
    profile: values.profile,
    agent: values.agent,
    keep: values.keep,
  }
}

function count(flag: string, value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value)
  throw new TypeError(`${flag} "${value}": expected a whole number from 1 on`)
}

function part(value: string): Part {
  const known = parts.find((candidate) => candidate === value)
  if (known !== undefined) return known
  throw new TypeError(`--only "${value}": expected some of ${parts.join(', ')}`)
}
