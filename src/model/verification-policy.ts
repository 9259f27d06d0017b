import { imageNameFault, imageNameOnly } from './image-name.ts'

export const verificationPolicies = [
  'NeverVerify',
  'NeverVerifyPreloadedImages',
  'NeverVerifyAllowlistedImages',
  'AlwaysVerify',
] as const

/** Which images that are on the machine a Pod may use without showing that it could pull them. */
export interface VerificationPolicy {
  readonly name: (typeof verificationPolicies)[number]
  /** Names without tag or digest, or everything below one: `registry.test/team/*`. */
  readonly allowlist: readonly string[]
}

/** `isPulledByUs`: by this agent, and not by somebody beside it (pkg/kubelet/images/pullmanager/image_pull_policies.go). */
export function requiresVerification(policy: VerificationPolicy, image: string, isPulledByUs: boolean): boolean {
  switch (policy.name) {
    case 'NeverVerify':
      return false
    case 'NeverVerifyPreloadedImages':
      return isPulledByUs
    case 'NeverVerifyAllowlistedImages':
      return !policy.allowlist.some((pattern) => covers(pattern, imageNameOnly(image)))
    case 'AlwaysVerify':
      return true
    default:
      return policy.name satisfies never
  }
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/** What is wrong with an item of the allow list; `undefined` if nothing is. */
export function allowlistFault(pattern: string): string | undefined {
  if (pattern !== pattern.trim()) return 'has blanks around it'
  if (pattern === '') return 'is empty'
  const name = pattern.endsWith('/*') ? pattern.slice(0, -2) : pattern
  if (name === '') return 'names no registry'
  if (name.includes('*')) return 'has a "*" elsewhere than in a "/*" at its end'
  if (name !== pattern) return undefined
  const fault = imageNameFault(name)
  if (fault !== undefined) return `is no name of an image: ${fault}`
  return imageNameOnly(name) === name ? undefined : 'has a tag or a digest'
}
