import { labels } from '../../src/model/labels.ts'
import { allContainers } from '../../src/model/pod.ts'
import type { Pod } from '../../src/model/kube.ts'
import type { FakeCommand, Program } from '../fakes/fake-container.ts'
import { namedContainers, probeKinds, type Doing, type PodPlan, type ProbeKind } from './pod-plan.ts'

type Labels = Readonly<Record<string, string>>

/** What every container does when it is started, what its probes find now, and what they have ever found. */
export class Behaviours {
  readonly #programs = new Map<string, Doing>()
  readonly #ill = new Set<string>()
  readonly #neverWell = new Set<string>()
  #isGood = false

  /** A Pod is made. */
  add(uid: string, plan: PodPlan): void {
    for (const [name, container] of namedContainers(plan)) {
      this.addContainer(uid, name, container.does)
      for (const kind of probeKinds.filter((each) => container[each] === 'ill')) {
        this.#ill.add(key(uid, name, kind))
        this.#neverWell.add(key(uid, name, kind))
      }
    }
  }

  addContainer(uid: string, name: string, does: Doing): void {
    this.#programs.set(`${uid} ${name}`, does)
  }

  flip(uid: string, name: string, kind: ProbeKind): void {
    const one = key(uid, name, kind)
    this.#neverWell.delete(one)
    if (!this.#ill.delete(one)) this.#ill.add(one)
  }

  /** From now on every container does what it should, and every probe finds it well. */
  becomeGood(): void {
    this.#isGood = true
    this.#ill.clear()
    this.#neverWell.clear()
  }

  /** What Docker sees of a container that is started. */
  program({ [labels.podUid]: uid = '', [labels.containerName]: name = '' }: Labels): Program {
    const does = this.#programs.get(`${uid} ${name}`) ?? 'runs'
    if (this.#isGood) return name.startsWith('i') ? { kind: 'exits', exitCode: 0 } : { kind: 'runs' }
    // Some end well on their stop signal, and some by it.
    const stopped = name.endsWith('1') ? 0 : 143
    if (does === 'cannot-run') return { kind: 'cannot-run', message: 'exec: no such file' }
    return does === 'runs' ? { kind: 'runs', exitCode: stopped } : { kind: 'exits', exitCode: does }
  }

  /** What a probe's command finds in a container. */
  command(
    given: string | undefined,
    { [labels.podUid]: uid = '', [labels.containerName]: name = '' }: Labels,
  ): FakeCommand {
    const kind = probeKinds.find((each) => each === given)
    return { kind: 'ends', exitCode: kind !== undefined && this.#isIll(uid, name, kind) ? 1 : 0 }
  }

  /** It has never been found well since its Pod was made. */
  wasNeverWell(uid: string, name: string, kind: ProbeKind): boolean {
    return this.#neverWell.has(key(uid, name, kind))
  }

  #isIll(uid: string, name: string, kind: ProbeKind): boolean {
    return this.#ill.has(key(uid, name, kind))
  }
}

/** The containers of a Pod that have a probe of this kind, by name. */
export function probed(pod: Pod, kind: ProbeKind): readonly string[] {
  return allContainers(pod)
    .filter((container) => container[`${kind}Probe`] !== undefined)
    .map(({ name }) => name)
}

function key(uid: string, name: string, kind: ProbeKind): string {
  return `${uid} ${name} ${kind}`
}
