/** What happens in a round, by its seed alone. Pure. */
import type { Random } from '../random.ts'
import { buildPod, podKindNames, podKinds, type PodKindName } from './pod-kinds.ts'
import { staticPod } from './static-pods.ts'
import { nothingWanted, wantedAfter, type Step, type TimedStep, type Wanted } from './steps.ts'

export interface RoundPlan {
  /** While Pods come and go, in order of their time. */
  readonly churn: readonly TimedStep[]
  /** When the fault comes: in this phase, so many milliseconds after its begin. */
  readonly fault: { readonly phase: Phase; readonly atMs: number }
  /** Afterwards: all that is left goes. */
  readonly end: readonly Step[]
  readonly wanted: Wanted
}

/** Pods come and go; or all of them go. */
export type Phase = 'churn' | 'end'

export interface PlanInput {
  /** Names of what is made begin with it. */
  readonly prefix: string
  readonly hostFolder: string
  /** Kinds of Pods that must be among them. */
  readonly provokes: readonly PodKindName[]
  /** Where the fault must come; the seed decides if it is left out. */
  readonly phase: Phase | undefined
  /** It waits by itself for its moment, from the begin of the phase on. */
  readonly atOnce?: boolean
}

const churnMs = 2_500
const images = ['busybox:1.36', 'busybox:1.28']

export function planRound(random: Random, input: PlanInput): RoundPlan {
  const { prefix, hostFolder } = input
  const data = `${prefix}-data`
  const first = [...input.provokes, ...random.shuffled(podKindNames).slice(0, 4)]
  const later = random.shuffled(podKindNames).slice(0, 3)
  const build = (kind: PodKindName, index: number): Step & { readonly kind: 'create-pod' } => {
    const pod = buildPod(kind, { name: `${prefix}-${kind}-${index}`, data, hostFolder })
    return { kind: 'create-pod', pod, expects: podKinds[kind].expects }
  }
  const early = first.map(build)
  const late = later.map((kind, index) => build(kind, index + first.length))
  const churn: TimedStep[] = [
    { atMs: 0, step: { kind: 'put-data', name: data, value: 'first' } },
    ...early.map((step) => ({ atMs: random.between(0, 300), step })),
    ...late.map((step) => ({ atMs: random.between(300, churnMs), step })),
    ...changes(random, early),
    { atMs: random.between(0, churnMs), step: { kind: 'put-data', name: data, value: 'second' } },
    ...random.pick([ofDeployment, ofManifests, ofNothing])(random, prefix),
  ]
  const ordered = churn.toSorted((a, b) => a.atMs - b.atMs)
  const wanted = ordered.reduce((before, { step }) => wantedAfter(before, step), nothingWanted)
  const phase = input.phase ?? (random.chance(0.7) ? 'churn' : 'end')
  const atMs = random.between(0, phase === 'churn' ? churnMs : 500)
  const fault = { phase, atMs: input.atOnce === true ? 0 : atMs }
  return { churn: ordered, fault, end: [...ending(random, wanted), { kind: 'delete-data', name: data }], wanted }
}

/** One or two of them go at some time, each in its way, and others become different. */
function changes(random: Random, early: readonly (Step & { readonly kind: 'create-pod' })[]): readonly TimedStep[] {
  const [one, two, three, four] = random.shuffled(early.map(({ pod }) => pod.metadata.name))
  const at = (): number => random.between(400, churnMs)
  // With another image one that waited would run, and one that has run would run again.
  const lasting = early.filter(({ expects }) => expects === 'ready')
  const [changed] = random.shuffled(lasting.map(({ pod }) => pod.metadata.name))
  const image = random.pick(images)
  return [
    ...[one, random.chance(0.5) ? two : undefined].flatMap((name) =>
      name === undefined ? [] : [{ atMs: at(), step: deletion(random, name) }],
    ),
    ...(changed === undefined ? [] : [{ atMs: at(), step: { kind: 'set-image', name: changed, image } as const }]),
    ...[three, four].flatMap((name) =>
      name === undefined ? [] : [{ atMs: at(), step: { kind: 'annotate', name, value: 'noted' } as const }],
    ),
  ]
}

/** With the Pod's own grace, by force, or first with much and then with little. */
function deletion(random: Random, name: string): Step {
  const graceSeconds = random.pick([undefined, undefined, 0, 1, 10])
  return { kind: 'delete-pod', name, ...(graceSeconds === undefined ? {} : { graceSeconds }) }
}

function ofDeployment(random: Random, prefix: string): readonly TimedStep[] {
  const put = (atMs: number, replicas: number, version: number): TimedStep => ({
    atMs,
    step: { kind: 'put-deployment', name: `${prefix}-deployed`, replicas, version },
  })
  return [put(0, 2, 1), put(random.between(800, churnMs), random.between(1, 3), random.pick([1, 2, 2]))]
}

function ofManifests(random: Random, prefix: string): readonly TimedStep[] {
  const [one, two] = [`${prefix}-static`, `${prefix}-static-too`]
  return [
    { atMs: 0, step: { kind: 'write-manifest', pod: staticPod(one, 1) } },
    { atMs: random.between(0, 500), step: { kind: 'write-manifest', pod: staticPod(two, 1) } },
    { atMs: random.between(800, churnMs), step: { kind: 'write-manifest', pod: staticPod(one, 2) } },
    ...(random.chance(0.5)
      ? [{ atMs: random.between(800, churnMs), step: { kind: 'remove-manifest', name: two } as const }]
      : []),
  ]
}

function ofNothing(): readonly TimedStep[] {
  return []
}

function ending(random: Random, wanted: Wanted): readonly Step[] {
  const steps: Step[] = [
    ...Object.keys(wanted.deployments).map((name) => ({ kind: 'delete-deployment', name }) as const),
    ...wanted.manifests.map((name) => ({ kind: 'remove-manifest', name }) as const),
    ...wanted.pods.map((name) => deletionAtEnd(random, name)),
  ]
  return random.shuffled(steps)
}

/** No Pod is to take longer than need be. */
function deletionAtEnd(random: Random, name: string): Step {
  return { kind: 'delete-pod', name, graceSeconds: random.pick([0, 1, 1, 2]) }
}
