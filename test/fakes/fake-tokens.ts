import { randomUUID } from 'node:crypto'
import type { IssuedToken, Pod, TokenRequest } from '../../src/model/kube.ts'
import { refused } from './stored.ts'

/** The server's side of it all, as far as this needs it. */
export interface PodServer {
  requirePod(namespace: string, name: string): Pod
}

const shortestSeconds = 600
const usualSeconds = 3600

/** The ServiceAccounts of a fake API server, by namespace and name, and the tokens that it issues. */
export class FakeTokens {
  readonly #server: PodServer
  readonly #accounts = new Set(['default/default'])

  constructor(server: PodServer) {
    this.#server = server
  }

  putAccount(namespace: string, name: string): void {
    this.#accounts.add(`${namespace}/${name}`)
  }

  deleteAccount(namespace: string, name: string): void {
    this.#accounts.delete(`${namespace}/${name}`)
  }

  /** As the server answers `nodeName`, or any node: authorizer, admission (NodeRestriction) and registry, in their words. */
  issue({ namespace, serviceAccount: account, spec }: TokenRequest, nodeName: string | undefined): IssuedToken {
    const { boundObjectRef: ref, expirationSeconds: lifetimeSeconds = usualSeconds } = spec
    const refusal = (why: string): Error => refused(403, `serviceaccounts "${account}" is forbidden: ${why}`)
    if (!this.#accounts.has(`${namespace}/${account}`)) throw refused(404, `serviceaccounts "${account}" not found`)
    if (ref?.name === undefined) throw refusal('node requested token not bound to a pod')
    const pod = this.#server.requirePod(namespace, ref.name)
    if (ref.uid !== pod.metadata.uid) {
      throw refusal(`the UID in the bound object reference (${ref.uid ?? ''}) does not match the UID in record`)
    }
    if (nodeName !== undefined && pod.spec.nodeName !== nodeName) {
      throw refusal('node requested token bound to a pod scheduled on a different node')
    }
    if (pod.spec.serviceAccountName !== account) {
      throw refused(400, 'cannot bind token for serviceaccount to pod running with different serviceaccount name.')
    }
    if (lifetimeSeconds < shortestSeconds) {
      throw refused(422, 'spec.expirationSeconds: may not specify a duration less than 10 minutes')
    }
    const issuedAt = Math.floor(Date.now() / 1000)
    const claims = {
      aud: spec.audiences?.length ? spec.audiences : ['https://kubernetes.default.svc'],
      exp: issuedAt + lifetimeSeconds,
      iat: issuedAt,
      jti: randomUUID(),
      'kubernetes.io': { namespace, pod: { name: ref.name, uid: ref.uid }, serviceaccount: { name: account } },
      sub: `system:serviceaccount:${namespace}:${account}`,
    }
    return { token: asJwt(claims), lifetimeSeconds }
  }
}

/** Signed by nobody. */
function asJwt(claims: object): string {
  const encoded = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return [...encoded, 'unsigned'].join('.')
}
