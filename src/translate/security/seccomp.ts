import { join } from 'node:path'
import type { DockerCreateRequest } from '../../model/docker.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import type { NodePaths } from '../paths.ts'

/** What filters the system calls of a container. */
export type SeccompProfile =
  | { readonly kind: 'unconfined' }
  /** Docker's own. */
  | { readonly kind: 'runtime-default' }
  /** The one in this file of the node. */
  | { readonly kind: 'file'; readonly path: string }

export interface SeccompFacts {
  readonly paths: NodePaths
  /** `--seccomp-default`: who asks for nothing gets Docker's profile. */
  readonly seccompDefault: boolean
}

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod'
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/'
const localhost = 'localhost/'

/**
 * The profile of a container: its field, its annotation, the Pod's field, the Pod's annotation, the node's default. The
 * annotations are those of kubelets before 1.27 (getSeccompProfile in pkg/kubelet/kuberuntime/helpers.go); servers of that
 * time make fields of them, so only static Pods need them. Throws `invalid` for a profile of the node that has no name.
 */
export function seccompProfile(pod: Pod, container: ContainerSpec, facts: SeccompFacts): SeccompProfile {
  const annotations = (isStaticPod(pod) ? pod.metadata.annotations : undefined) ?? {}
  return (
    fromField(container.securityContext?.seccompProfile, facts) ??
    fromAnnotation(annotations[`${containerAnnotation}${container.name}`], facts) ??
    fromField(pod.spec.securityContext?.seccompProfile, facts) ??
    fromAnnotation(annotations[podAnnotation], facts) ?? {
      kind: facts.seccompDefault ? 'runtime-default' : 'unconfined',
    }
  )
}

/** Docker confines by default, Kubernetes only when asked to. A profile of a file comes last, see `withSeccompProfile`. */
export function seccompOptions(profile: SeccompProfile): readonly string[] {
  return profile.kind === 'unconfined' ? ['seccomp=unconfined'] : []
}

/** The request with a profile of the node's, in Docker's JSON. */
export function withSeccompProfile({ name, body }: DockerCreateRequest, json: string): DockerCreateRequest {
  const SecurityOpt = [...(body.HostConfig.SecurityOpt ?? []), `seccomp=${json}`]
  return { name, body: { ...body, HostConfig: { ...body.HostConfig, SecurityOpt } } }
}

type Field = NonNullable<NonNullable<ContainerSpec['securityContext']>['seccompProfile']>

function fromField(field: Field | undefined, facts: SeccompFacts): SeccompProfile | undefined {
  switch (field?.type) {
    case undefined:
      return undefined
    case 'RuntimeDefault':
      return { kind: 'runtime-default' }
    case 'Localhost':
      return fromFile(field.localhostProfile ?? '', facts)
    default:
      return { kind: 'unconfined' }
  }
}

function fromAnnotation(value: string | undefined, facts: SeccompFacts): SeccompProfile | undefined {
  if (value === undefined || value === '') return undefined
  if (value === 'runtime/default' || value === 'docker/default') return { kind: 'runtime-default' }
  return value.startsWith(localhost) ? fromFile(value.slice(localhost.length), facts) : { kind: 'unconfined' }
}

function fromFile(name: string, { paths }: SeccompFacts): SeccompProfile {
  if (name !== '') return { kind: 'file', path: join(paths.root, 'seccomp', name) }
  throw new KubeletError('invalid', 'localhostProfile must be set if seccompProfile type is Localhost.')
}
