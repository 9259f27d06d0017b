import type { Pod } from '../model/kube.ts'
import { defaultPod } from './default-pod.ts'
import { parseManifest } from './parse-manifest.ts'
import { staticPod, type StaticPodOrigin } from './static-pod.ts'
import { validatePod } from './validate/validate-pod.ts'

/** The Pods of a manifest, ready to run, or what is wrong with it; each message names file, line and field. */
export type ReadManifest =
  | { readonly kind: 'pods'; readonly pods: readonly Pod[]; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string }

/** From a manifest's text to static Pods: parsed, named, defaulted and validated. `name` is how messages call the file. */
export function readManifest(name: string, text: string, origin: StaticPodOrigin): ReadManifest {
  const parsed = parseManifest(name, text)
  if (parsed.kind === 'faults') return invalid(parsed.faults)
  const pods = parsed.pods.map(({ pod, describe }) => ({ describe, pod: defaultPod(staticPod(pod, origin)) }))
  const faults = pods.flatMap(({ pod, describe }) => validatePod(pod).map(describe))
  return faults.length > 0 ? invalid(faults) : { ...parsed, pods: pods.map(({ pod }) => pod) }
}

/** One message for all faults of a file, so that one look at the log is enough to mend it. */
function invalid(faults: readonly string[]): ReadManifest {
  const [first = '', ...others] = faults
  const message =
    others.length === 0 ? first : `${faults.length} faults:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`
  return { kind: 'invalid', message: `Cannot use the manifest: ${message}` }
}
