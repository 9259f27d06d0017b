import type { PodAction } from '../../model/action.ts'
import { allContainers } from '../../model/pod.ts'
import type { PodFacts } from '../../plan/pod-facts.ts'
import type { SpecRun } from '../pod-run.ts'

/** Each wait of a crash loop or of a pull is told once. */
export function tellBackOffs(run: SpecRun, actions: readonly PodAction[], facts: PodFacts): void {
  for (const action of actions) {
    if (action.kind !== 'wait' || action.waiting.containerName === undefined) continue
    const { containerName, reason } = action.waiting
    const image = facts.images.get(containerName)
    // A look at images that have changed comes before the end of a pull's wait, and is no end of it.
    const endsAtMs = reason === 'ImagePullBackOff' && image?.kind === 'failed' ? image.retryAtMs : action.untilMs
    const key = `${containerName} ${reason} ${endsAtMs}`
    if (run.memory.toldBackOffs.get(containerName) === key) continue
    if (reason === 'CrashLoopBackOff') {
      run.memory.toldBackOffs.set(containerName, key)
      run.emit({ kind: 'container-back-off', containerName, delayMs: facts.backOffs.get(containerName)?.delayMs ?? 0 })
    } else if (reason === 'ImagePullBackOff') {
      run.memory.toldBackOffs.set(containerName, key)
      const { image: named = '' } = allContainers(run.pod).find(({ name }) => name === containerName) ?? {}
      run.emit({ kind: 'pull-back-off', containerName, image: named })
      run.emit({ kind: 'container-failed', containerName, reason, message: reason })
    }
  }
}
