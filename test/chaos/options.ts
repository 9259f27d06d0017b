import { parseArgs } from 'node:util'

export interface ChaosOptions {
  readonly rounds: number
  readonly seed: number
  /** Names of faults, or what they begin with; all where it is empty. */
  readonly faults: readonly string[]
  /** Where the rounds go as JSON, too. */
  readonly json: string | undefined
  /** A folder for the agent's log; it goes with the run otherwise. */
  readonly keep: string | undefined
  /** Ends with the first violation, and leaves it to be looked at until Ctrl-C. */
  readonly hold: boolean
  /** Says what faults there are, and does nothing. */
  readonly list: boolean
}

export const usage = `npm run chaos -- [options]: Pods come and go on a node on which things go wrong; is all as it must be afterwards?

  --rounds N     how many (20)
  --seed N       of the first round, the next ones count up from it (the time of day)
  --fault A,B    only these, or those whose names begin so
  --list         says what faults there are (with --fault, which of them that is)
  --json FILE    writes the rounds there, too
  --keep DIR     leaves the agent's log there
  --hold         stops at a violation and leaves everything as it is until Ctrl-C

A round is played again by its seed and its fault: npm run chaos -- --rounds 1 --seed 4711 --fault kill-agent`

/** Reads the command line; `undefined` when it asks for help. Throws `TypeError` for what it can't be. */
export function readOptions(args: readonly string[], now: Date): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(now.getTime() / 1000) % 1_000_000) },
      fault: { type: 'string', default: '' },
      json: { type: 'string' },
      keep: { type: 'string' },
      hold: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    rounds: count('--rounds', values.rounds),
    seed: count('--seed', values.seed),
    faults: values.fault.split(',').filter((word) => word !== ''),
    json: values.json,
    keep: values.keep,
    hold: values.hold,
    list: values.list,
  }
}

function count(flag: string, value: string): number {
  if (/^\d{1,9}$/u.test(value)) return Number(value)
  throw new TypeError(`${flag} "${value}": expected a whole number`)
}
