import { KubeletError } from '../../model/errors.ts'
import type { Pod } from '../../model/kube.ts'
import { goQuote } from '../../util/go-quote.ts'
import { formatQuantity, parseQuantity, wholeUnits, type Quantity } from '../../util/quantity.ts'
import { podBounds } from '../resources/pod-bounds.ts'
import { hasPodLevel } from '../resources/pod-amounts.ts'
import type { VolumeSource } from './volume-source.ts'

/** What is mounted where an emptyDir lies; the kernel may not know `noswap`. */
export interface MediumMount {
  readonly type: 'tmpfs' | 'hugetlbfs'
  readonly source: string
  readonly options: readonly string[]
}

/** What the API server names `hugepages-2Mi` and an emptyDir `HugePages-2Mi`. */
const resourcePrefix = 'hugepages-'
const hugePages = 'HugePages'
const mediumPrefix = `${hugePages}-`

/**
 * The mount of an emptyDir's medium (pkg/volume/emptydir); `undefined` for the default one, a folder on the disk. Throws
 * `invalid` in the kubelet's words.
 *
 * @param memory The node's allocatable memory, as the Node has it.
 */
export function mediumMount(
  pod: Pod,
  { medium, sizeLimitBytes }: Pick<Extract<VolumeSource, { kind: 'empty-dir' }>, 'medium' | 'sizeLimitBytes'>,
  memory: string | undefined,
): MediumMount | undefined {
  if (medium === '') return undefined
  if (medium === 'Memory') return memoryMount(pod, sizeLimitBytes, memory)
  if (medium !== hugePages && !medium.startsWith(mediumPrefix)) {
    throw new KubeletError('invalid', `unknown storage medium ${goQuote(medium)}`)
  }
  return { type: 'hugetlbfs', source: 'nodev', options: [`pagesize=${pageSize(pod, medium)}`] }
}

/** As much as the node has for Pods, or the Pod, or the volume may have: whatever is least (calculateEmptyDirMemorySize). */
function memoryMount(pod: Pod, sizeLimitBytes: number | undefined, memory: string | undefined): MediumMount {
  const ofNode = memory === undefined ? undefined : parseQuantity(memory)
  const bounds = [ofNode && Number(wholeUnits(ofNode)), podBounds(pod, undefined).memoryBytes, sizeLimitBytes]
  const set = bounds.filter((bytes) => bytes !== undefined).filter((bytes) => bytes > 0)
  const size = set.length === 0 ? [] : [`size=${Math.min(...set)}`]
  return { type: 'tmpfs', source: 'tmpfs', options: [...size, 'noswap'] }
}

/** The one size of huge pages that the Pod asks for, or that of the medium if it is among them (getPageSizeMountOption). */
function pageSize(pod: Pod, medium: string): string {
  const asked = medium === hugePages ? undefined : sizeOf(medium.slice(mediumPrefix.length))
  const sizes = new Map(requestedSizes(pod).map((size) => [size.nano, size]))
  const fitting = [...sizes.values()].filter(({ nano }) => asked === undefined || nano === asked.nano)
  const [size, other] = fitting
  if (size === undefined) {
    const why = 'hugePages storage requested, but there is no resource request for huge pages'
    throw new KubeletError('invalid', `medium ${medium}: ${why}`)
  }
  if (other !== undefined) {
    throw new KubeletError('invalid', `medium: ${medium} can't be used if container requests multiple huge page sizes`)
  }
  return formatQuantity(size)
}

function requestedSizes(pod: Pod): readonly Quantity[] {
  const { containers, initContainers = [], resources } = pod.spec
  const whole = hasPodLevel(pod, 'requests', 'limits') ? [resources?.requests] : []
  const requests = [...whole, ...[...containers, ...initContainers].map((container) => container.resources?.requests)]
  return requests.flatMap((list) =>
    Object.keys(list ?? {}).flatMap((name) =>
      name.startsWith(resourcePrefix) ? [sizeOf(name.slice(resourcePrefix.length))] : [],
    ),
  )
}

function sizeOf(text: string): Quantity {
  const size = parseQuantity(text)
  if (size !== undefined) return size
  throw new KubeletError('invalid', `quantities must match the regular expression of a size of huge pages: ${text}`)
}
