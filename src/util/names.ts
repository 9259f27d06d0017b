/** The forms of names that the API server accepts, with its own texts for those that it doesn't. */

const labelPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/u
const subdomainPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u
const underscoredPattern = /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:\._?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/u
const qualifiedPattern = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u

const alphanumericRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** What is wrong with `value` as an RFC 1123 label; `undefined` if nothing is. */
export function labelFault(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes'
  if (labelPattern.test(value)) return undefined
  return (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end " +
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  )
}

/** What is wrong with `value` as an RFC 1123 subdomain; `undefined` if nothing is. */
export function subdomainFault(value: string): string | undefined {
  if (value.length > 253) return 'must be no more than 253 bytes'
  if (subdomainPattern.test(value)) return undefined
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  )
}

/** The same where a label may have underscores too, as names of services in DNS have; not as its last character. */
export function underscoredSubdomainFault(value: string): string | undefined {
  if (value.length > 253) return 'must be no more than 253 bytes'
  if (underscoredPattern.test(value)) return undefined
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start " +
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
  )
}

/** What is wrong with `value` as the key of a label, annotation or taint; `undefined` if nothing is. */
export function qualifiedNameFault(value: string): string | undefined {
  const parts = value.split('/')
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  if (parts.length > 2) return "a qualified name must be a name with an optional DNS subdomain prefix and '/'"
  if (prefix === '') return 'prefix part must be non-empty'
  const prefixFault = prefix === undefined ? undefined : subdomainFault(prefix)
  if (prefixFault !== undefined) return `prefix part ${prefixFault}`
  if (name === '') return 'name part must be non-empty'
  if (name.length > 63) return 'name part must be no more than 63 bytes'
  return qualifiedPattern.test(name) ? undefined : `name part ${alphanumericRule}`
}

/** What is wrong with `value` as the value of a label or taint; `undefined` if nothing is. */
export function labelValueFault(value: string): string | undefined {
  if (value === '') return undefined
  if (value.length > 63) return 'must be no more than 63 bytes'
  return qualifiedPattern.test(value) ? undefined : `a valid label must be an empty string or ${alphanumericRule}`
}
