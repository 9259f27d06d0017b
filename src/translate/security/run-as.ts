import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { formatPod, podRef } from '../../model/pod.ts'
import { effectiveContext } from './effective-context.ts'

/** Whom an image runs as: by number, or by a name of its own /etc/passwd, which nobody outside can look up. */
type ImageUser = { readonly kind: 'id'; readonly id: bigint } | { readonly kind: 'name'; readonly name: string }

const largestId = 2_147_483_647n
const largestInteger = 2n ** 63n - 1n

/**
 * Docker's `User` of a container: who it is told to run as, else whom its image runs as, of which the group is lost as it
 * is with the kubelet; and the group that it is told. Throws `invalid` with the kubelet's text where the Pod forbids root
 * and this is root, or nobody can tell (getImageUser in pkg/kubelet/kuberuntime/kuberuntime_image.go, verifyRunAsNonRoot
 * in security_context_others.go).
 *
 * @param imageUser The image's USER as it is written, empty for none.
 */
export function containerUser(pod: Pod, container: ContainerSpec, imageUser: string): string {
  const { runAsUser, runAsGroup, runAsNonRoot } = effectiveContext(pod, container)
  const image = parseImageUser(imageUser)
  const fault = runAsNonRoot === true ? rootFault(runAsUser, image) : undefined
  if (fault !== undefined) {
    const where = `(pod: ${JSON.stringify(formatPod(podRef(pod)))}, container: ${container.name})`
    throw new KubeletError('invalid', `${fault} ${where}`)
  }
  const user = String(runAsUser ?? (image.kind === 'id' ? image.id : image.name))
  return runAsGroup === undefined ? user : `${user}:${runAsGroup}`
}

/**
 * Docker's `User` of a sandbox, `undefined` where the Pod names none. Throws `invalid` for a group without a user, as
 * cri-dockerd does, which knows of no image's user there.
 */
export function sandboxUser(pod: Pod): string | undefined {
  const { runAsUser, runAsGroup } = pod.spec.securityContext ?? {}
  if (runAsGroup === undefined) return runAsUser === undefined ? undefined : String(runAsUser)
  if (runAsUser !== undefined) return `${runAsUser}:${runAsGroup}`
  const what = `failed to make sandbox docker config for pod "${pod.metadata.name}"`
  throw new KubeletError('invalid', `${what}: runAsGroup is specified without a runAsUser`)
}

/** Why it is not certain that this is not root. */
function rootFault(runAsUser: number | undefined, image: ImageUser): string | undefined {
  if (runAsUser !== undefined) return runAsUser === 0 ? "container's runAsUser breaks non-root policy" : undefined
  if (image.kind === 'name') {
    return `container has runAsNonRoot and image has non-numeric user (${image.name}), cannot verify user is non-root`
  }
  if (image.id === 0n) return 'container has runAsNonRoot and image will run as root'
  if (image.id > 0n && image.id <= largestId) return undefined
  return `container has runAsNonRoot and image has an invalid user id (${image.id}). (Must be 1-(${largestId})): must be between 0 and ${largestId}, inclusive`
}

/** Without a USER an image runs as root. What overflows a Go integer is a name. */
function parseImageUser(text: string): ImageUser {
  const [user = ''] = text.split(':', 1)
  if (user === '') return { kind: 'id', id: 0n }
  if (!/^[+-]?\d+$/u.test(user)) return { kind: 'name', name: user }
  const id = BigInt(user)
  return id > largestInteger || id < -largestInteger - 1n ? { kind: 'name', name: user } : { kind: 'id', id }
}
