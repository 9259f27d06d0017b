import { KubeletError } from '../../model/errors.ts'
import { asObject, textAt } from '../docker-json.ts'

/** The oldest API that has all that this agent asks for (Docker 20.10). */
const oldest = '1.41'
/** The newest API whose answers this agent is known to read (Docker 28). */
const newest = '1.51'

/**
 * The API version to speak with the daemon that gave this answer to `GET /version`: the newest that both sides know.
 * Throws `unsupported` when there is none.
 */
export function chooseApiVersion(answer: unknown): string {
  const version = asObject(answer, 'version')
  const offered = textAt(version, 'ApiVersion')
  const daemon = `Docker ${textAt(version, 'Version')}`
  if (isOlder(offered, oldest)) {
    throw new KubeletError(
      'unsupported',
      `${daemon} offers API ${offered || 'of an unknown version'}, ${oldest} is needed: update Docker to 20.10 or later`,
    )
  }
  const spoken = isOlder(offered, newest) ? offered : newest
  const required = textAt(version, 'MinAPIVersion')
  if (isOlder(spoken, required)) {
    throw new KubeletError(
      'unsupported',
      `${daemon} asks for API ${required}, ${newest} is known here: update minikubelet`,
    )
  }
  return spoken
}

/** `1.9` is older than `1.41`. */
function isOlder(left: string, right: string): boolean {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number)
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number)
  return leftMajor === rightMajor ? leftMinor < rightMinor : leftMajor < rightMajor
}
