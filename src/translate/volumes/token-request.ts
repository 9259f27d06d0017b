import type { Pod, TokenRequest } from '../../model/kube.ts'
import type { ProjectionSource } from './projection-source.ts'

type TokenSource = Extract<ProjectionSource, { kind: 'token' }>

/**
 * What the API server is asked for to serve this source: a token that is good as long as the Pod is
 * there (pkg/volume/projected).
 */
export function tokenRequest(pod: Pod, { audience, expirationSeconds }: TokenSource): TokenRequest {
  const { namespace, name, uid } = pod.metadata
  return {
    namespace,
    serviceAccount: pod.spec.serviceAccountName ?? '',
    spec: {
      ...(audience === '' ? {} : { audiences: [audience] }),
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  }
}
