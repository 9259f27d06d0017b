import type { AccessQuestion, AccessVerdict, TokenVerdict } from '../../src/model/access.ts'

/** What a caller of that name or of that group may do with any node. */
export interface Grant {
  readonly to: string
  /** `*` for every one. */
  readonly verb: string
  readonly subresource: string
}

interface Claims {
  readonly aud?: readonly string[]
  readonly exp?: number
  readonly sub?: string
  readonly 'kubernetes.io'?: { readonly namespace?: string; readonly serviceaccount?: { readonly name?: string } }
}

/** A fake API server's reviews: it knows the tokens that it issued (FakeTokens), and what was granted. */
export class FakeAccess {
  readonly #grants: Grant[] = [{ to: 'system:masters', verb: '*', subresource: '*' }]

  grant(grant: Grant): void {
    this.#grants.push(grant)
  }

  /** From now on `to` may do nothing that was granted to it. */
  revoke(to: string): void {
    this.#grants.splice(0, this.#grants.length, ...this.#grants.filter((grant) => grant.to !== to))
  }

  whose(token: string): TokenVerdict {
    const { aud = [], exp = 0, sub, 'kubernetes.io': more } = claimsOf(token)
    const isGood = aud.includes('https://kubernetes.default.svc') && exp * 1000 > Date.now()
    if (sub === undefined || more?.namespace === undefined || !isGood) {
      return { kind: 'unknown', reason: 'invalid bearer token' }
    }
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${more.namespace}`, 'system:authenticated']
    return { kind: 'known', caller: { name: sub, uid: `uid of ${sub}`, groups, extra: {} } }
  }

  judge({ caller, verb, subresource }: AccessQuestion): AccessVerdict {
    const fits = (granted: string, asked: string): boolean => granted === '*' || granted === asked
    const isAllowed = this.#grants.some(
      (grant) =>
        [caller.name, ...caller.groups].includes(grant.to) &&
        fits(grant.verb, verb) &&
        fits(grant.subresource, subresource),
    )
    return { kind: isAllowed ? 'allowed' : 'no-opinion', reason: '' }
  }
}

function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.')
  try {
    const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return claims
  } catch {
    return {}
  }
}
