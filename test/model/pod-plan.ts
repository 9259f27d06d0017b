import fc from 'fast-check'
import type { ContainerSpec, PodSpec } from '../../src/model/kube.ts'
import type { RestartPolicy } from '../../src/model/pod.ts'
import { aContainer } from '../builders/pod.ts'

/**
 * What a container does when it is started: runs until something ends it, ends at once with
 * a code, or cannot be started.
 */
export type Doing = 'runs' | 'cannot-run' | number

/** One container of a Pod that is to be made, as short as it can be read in a counter-example. */
export interface ContainerPlan {
  readonly does: Doing
  /** `here:1` where it says nothing. */
  readonly image?: string
  readonly pull?: 'Always' | 'Never'
  /** The ConfigMap that its environment is made of. */
  readonly reads?: (typeof maps)[number]
  /** A restart policy of its own. An init container with Always is a sidecar. */
  readonly policy?: RestartPolicy
  /** With a policy of its own: an exit code that restarts it, whatever the policy says. */
  readonly restartsFor?: number
  /** Seconds that its hooks sleep: the one after its start, and the one before its stop. */
  readonly postStart?: number
  readonly preStop?: number
  /** With a policy of its own: an exit code that restarts all containers of the Pod. */
  readonly restartsAllFor?: number
  /** Whether its probes find it well when it is started for the first time; it has those that are named. */
  readonly startup?: Health
  readonly liveness?: Health
  readonly readiness?: Health
}

export type Health = 'well' | 'ill'
export const probeKinds = ['startup', 'liveness', 'readiness'] as const
export type ProbeKind = (typeof probeKinds)[number]

export interface PodPlan {
  readonly policy: RestartPolicy
  readonly grace?: number
  readonly hostNetwork?: boolean
  /** Its containers ask for this together; the node has 4. */
  readonly cpu?: string
  /** `activeDeadlineSeconds`. */
  readonly deadline?: number
  readonly init: readonly ContainerPlan[]
  readonly regular: readonly ContainerPlan[]
}

/** The node has two of these images, one can be pulled, and one is in no registry at first. */
export const images = ['here:1', 'here:2', 'far:1', 'lost:1'] as const
/** One of these ConfigMaps is there at first, the other is not. */
export const maps = ['kept', 'late'] as const
export const exitCodes = [0, 1, 42, 137] as const

/** Longer than what the agent itself gives a container (2 s), and far shorter than what a life may wait for. */
const graces = [0, 3, 30] as const

function doing(usual: Doing): fc.Arbitrary<Doing> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom<Doing[]>('runs', 0, 1, 'cannot-run') },
  )
}

/** What is rare is left out in most of them. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 4 })
}

const image = rarely(fc.constantFrom(...images))
const pull = rarely(fc.constantFrom('Always' as const, 'Never' as const))
const policy = rarely(fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const))
const reads = rarely(rarely(fc.constantFrom(...maps)))
const restartsFor = rarely(fc.constantFrom(0, 42))
const restartsAllFor = rarely(rarely(fc.constantFrom(1, 137)))
const sleep = rarely(fc.constantFrom(0, 4, 40))
const health = rarely(fc.constantFrom('well' as const, 'ill' as const))
const lasting = {
  postStart: sleep,
  preStop: sleep,
  startup: rarely(health),
  liveness: rarely(health),
  readiness: rarely(health),
}

const regular = fc
  .record({ does: doing('runs'), image, pull, reads, policy, restartsFor, restartsAllFor, ...lasting })
  .map(brief)
const initPolicy = rarely(fc.constantFrom('OnFailure' as const, 'Never' as const))
const plainInit = fc.record({ does: doing(0), image, pull, reads, policy: initPolicy, restartsAllFor }).map(brief)
const sidecar = fc
  .record({ does: doing('runs'), image, reads, policy: fc.constant('Always' as const), ...lasting })
  .map(brief)

/** Any Pod: up to three init containers with sidecars anywhere among them, and up to three regular ones. */
export const podPlan: fc.Arbitrary<PodPlan> = fc
  .record({
    policy: fc.constantFrom('Always', 'OnFailure', 'Never'),
    grace: rarely(fc.constantFrom(...graces)),
    hostNetwork: rarely(fc.constant(true)),
    cpu: rarely(fc.constantFrom('1', '3')),
    deadline: rarely(rarely(fc.constantFrom(5, 100))),
    init: fc.array(fc.oneof(plainInit, sidecar), { maxLength: 3, size: 'max' }),
    regular: fc.array(regular, { minLength: 1, maxLength: 3, size: 'max' }),
  })
  .map(brief)

type Brief<T> = { readonly [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  readonly [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>
}

/** Without what is undefined: a counter-example shows only what is there. */
function brief<T extends object>(plan: T): Brief<T>
function brief(plan: object): object {
  return Object.fromEntries(Object.entries(plan).filter(([, value]) => value !== undefined))
}

/** Every container of a plan with its name: `i1`, `s2` among the init containers, `c1` among the regular ones. */
export function namedContainers(plan: PodPlan): ReadonlyMap<string, ContainerPlan> {
  return new Map([
    ...plan.init.map((each, index) => [`${each.policy === 'Always' ? 's' : 'i'}${index + 1}`, each] as const),
    ...plan.regular.map((each, index) => [`c${index + 1}`, each] as const),
  ])
}

export function specOf(plan: PodPlan): Partial<PodSpec> {
  const specs = [...namedContainers(plan)].map(([name, each]) => containerSpec(name, each))
  const [init, lasting] = [specs.slice(0, plan.init.length), specs.slice(plan.init.length)]
  const [first, ...others] = lasting
  const asking = plan.cpu === undefined || first === undefined ? lasting : [asksFor(first, plan.cpu), ...others]
  return {
    restartPolicy: plan.policy,
    terminationGracePeriodSeconds: plan.grace ?? 30,
    ...(plan.hostNetwork === true ? { hostNetwork: true } : {}),
    ...(plan.deadline === undefined ? {} : { activeDeadlineSeconds: plan.deadline }),
    ...(init.length === 0 ? {} : { initContainers: init }),
    containers: asking,
  }
}

function lifecycle({
  postStart,
  preStop,
}: Pick<ContainerPlan, 'postStart' | 'preStop'>): Pick<ContainerSpec, 'lifecycle'> {
  if (postStart === undefined && preStop === undefined) return {}
  return {
    lifecycle: {
      ...(postStart === undefined ? {} : { postStart: { sleep: { seconds: postStart } } }),
      ...(preStop === undefined ? {} : { preStop: { sleep: { seconds: preStop } } }),
    },
  }
}

function asksFor(container: ContainerSpec, cpu: string): ContainerSpec {
  return { ...container, resources: { requests: { cpu } } }
}

/** A command each two seconds, which says what it is for; two failures count. */
function probes(own: ContainerPlan): Partial<ContainerSpec> {
  return Object.fromEntries(
    probeKinds.flatMap((kind) =>
      own[kind] === undefined
        ? []
        : [[`${kind}Probe`, { exec: { command: [kind] }, periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 1 }]],
    ),
  )
}

function containerSpec(name: string, { image: given, pull: pullPolicy, ...own }: ContainerPlan): ContainerSpec {
  const rules =
    own.policy === undefined
      ? []
      : [...rule('RestartAllContainers', own.restartsAllFor), ...rule('Restart', own.restartsFor)]
  return aContainer({
    name,
    image: given ?? images[0],
    imagePullPolicy: pullPolicy ?? 'IfNotPresent',
    ...(own.policy === undefined ? {} : { restartPolicy: own.policy }),
    ...(own.reads === undefined ? {} : { envFrom: [{ configMapRef: { name: own.reads } }] }),
    ...(rules.length === 0 ? {} : { restartPolicyRules: rules }),
    ...lifecycle(own),
    ...probes(own),
  })
}

function rule(action: string, code: number | undefined): NonNullable<ContainerSpec['restartPolicyRules']> {
  return code === undefined ? [] : [{ action, exitCodes: { operator: 'In', values: [code] } }]
}
