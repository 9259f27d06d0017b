import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'

type Profile = NonNullable<NonNullable<ContainerSpec['securityContext']>['appArmorProfile']>

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'
const localhost = 'localhost/'

/**
 * The AppArmor profile of a container as Docker's security options: its field, its annotation, the Pod's field
 * (pkg/security/apparmor/helpers.go). Nothing where Docker's own is wanted. Throws `invalid` in the kubelet's words.
 */
export function appArmorOptions(pod: Pod, container: ContainerSpec): readonly string[] {
  const profile =
    container.securityContext?.appArmorProfile ??
    fromAnnotation(pod.metadata.annotations?.[`${annotationPrefix}${container.name}`]) ??
    pod.spec.securityContext?.appArmorProfile
  switch (profile?.type) {
    case undefined:
    case 'RuntimeDefault':
      return []
    case 'Unconfined':
      return ['apparmor=unconfined']
    case 'Localhost':
      if (profile.localhostProfile !== undefined) return [`apparmor=${profile.localhostProfile}`]
      throw new KubeletError('invalid', 'missing localhost apparmor profile name')
    default:
      throw new KubeletError('invalid', `unknown apparmor profile type: ${JSON.stringify(profile?.type)}`)
  }
}

/** What is no profile says nothing. */
function fromAnnotation(value: string | undefined): Profile | undefined {
  if (value === 'runtime/default') return { type: 'RuntimeDefault' }
  if (value === 'unconfined') return { type: 'Unconfined' }
  if (value?.startsWith(localhost)) return { type: 'Localhost', localhostProfile: value.slice(localhost.length) }
  return undefined
}
