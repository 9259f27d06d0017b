import { readFileSync } from 'node:fs'
import type { TestBed } from './bed/test-bed.ts'
import { parts, type BenchOptions, type PartName } from './options.ts'
import { measureBursts } from './parts/burst.ts'
import { measureChurn } from './parts/churn.ts'
import { measureContainers } from './parts/containers.ts'
import { measureLogs } from './parts/logs.ts'
import { measureProbes } from './parts/probes.ts'
import { measureRawBurst } from './parts/raw-burst.ts'
import { measureRestart } from './parts/restart.ts'
import { measureScale } from './parts/scale.ts'
import { measureScrape } from './parts/scrape.ts'
import { measureSingle } from './parts/single.ts'
import { measureSteps } from './parts/steps.ts'
import { measureTokens } from './parts/tokens.ts'
import { measureVolumes } from './parts/volumes.ts'
import { profileAgent } from './profile/profile-agent.ts'
import { isMissed } from './report/row.ts'
import { rowsOf, type BenchResult, type Measured, type MeasuredPart } from './report/result.ts'

interface Part {
  /** What is said when it begins. */
  title(options: BenchOptions): string
  measure(bed: TestBed, options: BenchOptions): Promise<Measured>
}

const measures: Readonly<Record<PartName, Part>> = {
  single: {
    title: ({ rounds }) => `${rounds} Pods one at a time`,
    measure: (bed, { rounds }) => measureSingle(bed, rounds),
  },
  containers: {
    title: ({ sized }) => `Pods of 1, 2, 4 and 8 containers, ${sized} each`,
    measure: (bed, { sized }) => measureContainers(bed, sized),
  },
  volumes: {
    title: ({ rounds }) => `${rounds} Pods with a volume of files, and as many without`,
    measure: (bed, { rounds }) => measureVolumes(bed, rounds),
  },
  tokens: {
    title: ({ rounds }) => `${rounds} Pods with a token of their ServiceAccount, and as many without`,
    measure: (bed, { rounds }) => measureTokens(bed, rounds),
  },
  burst: {
    title: ({ pods, bursts }) => `${pods.join(', ')} Pods at once, ${bursts} times each`,
    measure: (bed, { pods, bursts, idle }) => measureBursts(bed, pods, { bursts, idleSeconds: idle }),
  },
  restart: {
    title: ({ running, restarts }) => `the agent anew with ${running} Pods running, ${restarts} times`,
    measure: (bed, { running, restarts }) => measureRestart(bed, { pods: running, restarts }),
  },
  probes: {
    title: ({ probed, probing }) => `${probed} Pods with a probe each second, for ${probing} s`,
    measure: (bed, { probed, probing }) => measureProbes(bed, { pods: probed, seconds: probing }),
  },
  scrape: {
    title: ({ scraped, scraping }) => `all that is measured of ${scraped} containers, each 15 s for ${scraping} s`,
    measure: (bed, { scraped, scraping }) => measureScrape(bed, { containers: scraped, seconds: scraping }),
  },
  logs: {
    title: ({ log, reads }) => `a log of ${log} MiB, read ${reads} times`,
    measure: (bed, { log, reads }) => measureLogs(bed, { mebibytes: log, rounds: reads }),
  },
  'raw-burst': {
    title: () => `40 Pods by Docker alone, 1, 2, 4 and 8 at a time`,
    measure: (bed) => measureRawBurst(bed, 40),
  },
  scale: {
    title: () => '10, 100 and 1,000 Pods on a Docker and an API server in memory',
    measure: () => measureScale(),
  },
  churn: {
    title: ({ minutes }) => `Pods that come and go, for ${minutes} minutes`,
    measure: (bed, { minutes }) => measureChurn(bed, minutes),
  },
  steps: {
    title: ({ rounds }) => `the steps of ${rounds} Pods, by the agent's log`,
    measure: (bed, { rounds }) => measureSteps(bed, rounds),
  },
}

/** Measures what the options ask for, one part after the other; gives all so far after each. `say` hears what begins. */
export async function* measureParts(
  bed: TestBed,
  options: BenchOptions,
  say: (text: string) => void,
): AsyncGenerator<BenchResult, void> {
  const startedAtMs = Date.now()
  for (const node of bed.nodes) {
    // The first Pod is the one for which everything is loaded: the pause image, the agent's own code.
    await bed.turns.give(node)
    await node.cluster.start('first')
    await node.cluster.end('first')
  }
  await bed.raw.end(await bed.raw.start())
  const commands = bed.nodes.map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim())
  const measured: MeasuredPart[] = []
  const result = async (): Promise<BenchResult> => ({
    at: new Date(startedAtMs).toISOString(),
    machine: bed.machine,
    load: await bed.load.soFar(),
    minutes: (Date.now() - startedAtMs) / 60_000,
    commands,
    parts: [...measured],
  })
  for (const name of parts) {
    if (!options.only.has(name)) continue
    await bed.turns.give(undefined)
    await bed.load.rest()
    say(measures[name].title(options))
    measured.push({ name, ...(await measures[name].measure(bed, options)) })
    yield await result()
  }
  if (options.profile || rowsOf(await result()).some(isMissed)) {
    say('where the time goes, by a profile')
    measured.push({ name: 'profile', ...(await profileAgent(bed, options.rounds)) })
    yield await result()
  }
}
