import fc from 'fast-check'
import type { ErrorCode } from '../../src/model/errors.ts'
import { exitCodes, images, maps, podPlan, probeKinds, type PodPlan, type ProbeKind } from './pod-plan.ts'

const changingCalls = ['create', 'start', 'stop', 'remove', 'pullImage', 'update'] as const
const dockerCalls = [...changingCalls, 'inspect', 'inspectImage'] as const
const serverCalls = ['patchPodStatus', 'deletePod', 'listObject', 'watchObject'] as const
const errors = ['internal', 'unavailable', 'invalid'] as const

/**
 * One thing that can happen to a node, its Pods, Docker or the API server. `nth` picks one of those that are there at
 * that moment, counted round and round; where there is none, nothing happens.
 */
export type Happening =
  | { readonly kind: 'create a Pod'; readonly plan: PodPlan }
  /** A container ends by itself. */
  | { readonly kind: 'exit'; readonly nth: number; readonly code: number; readonly oom?: boolean }
  /** A probe of a container finds otherwise from now on. */
  | { readonly kind: 'flip probe'; readonly nth: number; readonly probe: ProbeKind }
  /** A user deletes a Pod: with the grace of its spec, or with this one. */
  | { readonly kind: 'delete'; readonly nth: number; readonly grace?: number }
  /** A user gives a container another image. */
  | { readonly kind: 'change image'; readonly nth: number; readonly image: string }
  /** A user lets a container that asks for CPU ask for so much. */
  | { readonly kind: 'resize'; readonly nth: number; readonly cpu: string }
  /** `kubectl debug`: a user adds an ephemeral container. */
  | { readonly kind: 'debug'; readonly nth: number; readonly does: 'runs' | number }
  /** Somebody else ends a Pod, or writes nonsense over its status. */
  | { readonly kind: 'write over'; readonly nth: number; readonly phase: 'Failed' | 'Pending' }
  | { readonly kind: 'kill agent' }
  /** The agent is killed at its nth call to Docker from now: before it takes effect, or before its answer is there. */
  | { readonly kind: 'kill agent at call'; readonly nth: number; readonly moment: 'before' | 'after' }
  | { readonly kind: 'start agent' }
  /** Everything that runs is killed, nobody is told, and Docker is there again. */
  | { readonly kind: 'restart Docker' }
  | { readonly kind: 'lose Docker' }
  | { readonly kind: 'find Docker' }
  | { readonly kind: 'kill sandbox'; readonly nth: number }
  /** `docker rm --force` of a container or a sandbox. */
  | { readonly kind: 'remove record'; readonly nth: number }
  | { readonly kind: 'lose events' }
  | { readonly kind: 'hear events' }
  | { readonly kind: 'fail in Docker'; readonly call: (typeof dockerCalls)[number]; readonly code: ErrorCode }
  /** Docker does it, and its answer is lost. */
  | { readonly kind: 'lose answer'; readonly call: (typeof changingCalls)[number] }
  | { readonly kind: 'slow Docker'; readonly call: (typeof dockerCalls)[number] }
  | { readonly kind: 'fail in server'; readonly call: (typeof serverCalls)[number]; readonly code: ErrorCode }
  | { readonly kind: 'slow server'; readonly call: (typeof serverCalls)[number] }
  /** What was slow is done. */
  | { readonly kind: 'hurry' }
  | { readonly kind: 'end watch'; readonly compacted: boolean }
  /** The watch tells what it has told before: the nth of all. */
  | { readonly kind: 'tell again'; readonly nth: number }
  /** Somebody removes what lies on disk of a Pod. */
  | { readonly kind: 'remove folder'; readonly nth: number }
  | { readonly kind: 'remove image'; readonly image: string }
  | { readonly kind: 'publish'; readonly image: string; readonly as: 'image' | 'error' | 'away' }
  /** A user makes or changes a ConfigMap, or deletes it. */
  | { readonly kind: 'put map' | 'delete map'; readonly map: (typeof maps)[number] }
  | { readonly kind: 'wait'; readonly ms: number }

/** One or more happenings, with no time for the agent to do anything between them. */
export type Step = readonly Happening[]

const nth = fc.nat(5)

function just<Kind extends Happening['kind']>(kind: Kind): fc.Arbitrary<{ readonly kind: Kind }> {
  return fc.constant({ kind })
}

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('create a Pod' as const), plan: podPlan }) },
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('exit' as const), nth, code: fc.constantFrom(...exitCodes) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('exit' as const), nth, code: fc.constant(137), oom: fc.constant(true) }),
  },
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant('delete' as const), nth, grace: fc.constantFrom(0, 1, 5, 60) },
      { requiredKeys: ['kind', 'nth'] },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('change image' as const), nth, image: fc.constantFrom(...images) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('flip probe' as const),
      nth,
      probe: fc.constantFrom(...probeKinds),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('debug' as const),
      nth,
      does: fc.constantFrom<('runs' | number)[]>('runs', 0, 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write over' as const),
      nth,
      phase: fc.constantFrom('Failed' as const, 'Pending' as const),
    }),
  },
  { weight: 2, arbitrary: just('kill agent') },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('kill agent at call' as const),
      nth: fc.nat(8),
      moment: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 6, arbitrary: just('start agent') },
  { weight: 2, arbitrary: just('restart Docker') },
  { weight: 1, arbitrary: just('lose Docker') },
  { weight: 2, arbitrary: just('find Docker') },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('kill sandbox' as const), nth }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove record' as const), nth }) },
  { weight: 1, arbitrary: just('lose events') },
  { weight: 1, arbitrary: just('hear events') },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fail in Docker' as const),
      call: fc.constantFrom(...dockerCalls),
      code: fc.constantFrom(...errors),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('lose answer' as const), call: fc.constantFrom(...changingCalls) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('slow Docker' as const), call: fc.constantFrom(...dockerCalls) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail in server' as const),
      call: fc.constantFrom(...serverCalls),
      code: fc.constantFrom('unavailable' as const, 'internal' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('slow server' as const), call: fc.constantFrom(...serverCalls) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('resize' as const),
      nth,
      cpu: fc.constantFrom('500m', '1', '2', '3'),
    }),
  },
  { weight: 4, arbitrary: just('hurry') },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end watch' as const), compacted: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tell again' as const), nth: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove folder' as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('remove image' as const), image: fc.constantFrom(...images) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      image: fc.constantFrom(...images),
      as: fc.constantFrom('image' as const, 'error' as const, 'away' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('put map' as const, 'delete map' as const),
      map: fc.constantFrom(...maps),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(300, 1000, 5000, 12_000, 70_000) }),
  },
)

/** A life of a node: it begins with a Pod, which anything may happen to. */
export const life: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.record({ kind: fc.constant('create a Pod' as const), plan: podPlan }),
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: happening.map((one) => [one]) },
        { weight: 1, arbitrary: fc.array(happening, { minLength: 2, maxLength: 3 }) },
      ),
      { maxLength: 30, size: 'max' },
    ),
  )
  .map(([first, rest]) => [[first], ...rest])
