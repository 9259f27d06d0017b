import { readFile } from 'node:fs/promises'
import type { DockerCreateRequest } from '../../model/docker.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { seccompProfile, withSeccompProfile, type SeccompFacts } from '../../translate/security/seccomp.ts'
import { isRecord } from '../../util/is-record.ts'

/**
 * The request with the seccomp profile that the container names, where that is a file of the node: read anew for each
 * container, as cri-dockerd does. Throws `invalid` in its words (core/security_context.go) for
 * one that is missing or no JSON.
 */
export async function addSeccompFile(
  request: DockerCreateRequest,
  { pod, container, facts }: { readonly pod: Pod; readonly container: ContainerSpec; readonly facts: SeccompFacts },
): Promise<DockerCreateRequest> {
  const profile = seccompProfile(pod, container, facts)
  if (profile.kind !== 'file') return request
  try {
    return withSeccompProfile(request, compact(await read(profile.path), profile.path))
  } catch (error) {
    const { code, message } = KubeletError.from(error)
    const what = `failed to generate security options for container "${container.name}": failed to generate seccomp security options for container`
    throw new KubeletError(code, `${what}: ${message}`, { cause: error })
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const { operation, reason } = faults[code] ?? { operation: 'open', reason: KubeletError.from(error).message }
    throw new KubeletError('invalid', `cannot load seccomp profile "${path}": ${operation} ${path}: ${reason}`, {
      cause: error,
    })
  }
}

/** As Go words them. */
const faults: Readonly<Record<string, { readonly operation: string; readonly reason: string }>> = {
  ENOENT: { operation: 'open', reason: 'no such file or directory' },
  ENOTDIR: { operation: 'open', reason: 'not a directory' },
  EACCES: { operation: 'open', reason: 'permission denied' },
  EISDIR: { operation: 'read', reason: 'is a directory' },
}

/** Without the space between its words. Not printed anew: it may hold numbers that JavaScript rounds. */
function compact(text: string, path: string): string {
  const fault = jsonFault(text)
  if (fault !== undefined) throw new KubeletError('invalid', `decoding seccomp profile failed "${path}": ${fault}`)
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/gu, (_, string?: string) => string ?? '')
}

function jsonFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? undefined : 'it is no JSON object'
  } catch {
    // V8 would quote from the file, which is not for everybody's eyes.
    return 'it is no JSON'
  }
}
