import type { Pod } from '../model/kube.ts'
import { allContainers } from '../model/pod.ts'
import { pullProgressText } from '../model/pull-progress.ts'
import type { PodFacts } from './pod-facts.ts'

/**
 * How far the pulls are that containers wait for, by container name, for the message beside the usual reason of their
 * wait. The kubelet, which knows nothing of it, shows none.
 */
export function pullTexts(pod: Pod, { images }: Pick<PodFacts, 'images'>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { name, image = '' } of allContainers(pod)) {
    const fact = images.get(name)
    if (fact?.kind !== 'pulling' || fact.progress === undefined) continue
    texts.set(name, pullProgressText(image, fact.progress))
  }
  return texts
}
