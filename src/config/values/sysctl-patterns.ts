import { sysctlNamespace, sysctlPattern } from '../../model/sysctl.ts'
import { decoded, listType, refused } from './value-type.ts'

/** `--allowed-unsafe-sysctls`: names, or what names begin with and a `*`, of sysctls that a Pod can have for itself. */
export const sysctlPatterns = listType<readonly string[]>('NAME,...', (items) => {
  const wrong = items.find((item) => !isPattern(item))
  if (wrong !== undefined) {
    return refused(`names of sysctls such as "kernel.msgmax" or "net.core.*", and "${wrong}" is none`)
  }
  const shared = items.find((item) => sysctlNamespace(sysctlPattern(item).start) === undefined)
  return shared === undefined
    ? decoded(items)
    : refused(`sysctls that a Pod can have for itself, and "${shared}" is shared by all of the host`)
})

/**
 * As the API's pod security policies once had them: lower case, parts with dots or slashes
 * between, a `*` only at the end.
 */
function isPattern(text: string): boolean {
  return text.length <= 253 && /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*(?:[a-z0-9][-_a-z0-9]*)?[a-z0-9*]$/.test(text)
}
