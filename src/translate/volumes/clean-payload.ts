import { posix } from 'node:path'
import { KubeletError } from '../../model/errors.ts'
import { goQuote } from '../../util/go-quote.ts'
import type { Payload, VolumeFile } from './payload.ts'

const mostPathBytes = 4096
const mostNameBytes = 255

/**
 * The payload by paths that are fit to be joined to a folder. Throws `invalid`, in the kubelet's words, for one that leads
 * out of it or into what is the writer's own (validatePayload in pkg/volume/util/atomic_writer.go).
 */
export function cleanPayload(payload: Payload): Payload {
  return new Map([...payload].map(([path, file]): [string, VolumeFile] => [cleanPath(path), file]))
}

function cleanPath(path: string): string {
  const fault = pathFault(path)
  if (fault !== undefined) throw new KubeletError('invalid', `invalid path: ${fault}`)
  // Without a slash at its end.
  return posix.join(path, '.')
}

function pathFault(path: string): string | undefined {
  if (path === '') return `must not be empty: ${goQuote(path)}`
  if (path.startsWith('/')) return `must be relative path: ${path}`
  if (Buffer.byteLength(path) > mostPathBytes) return `must be less than or equal to ${mostPathBytes} characters`
  const names = path.split('/')
  for (const name of names) {
    if (name === '..') return `must not contain '..': ${path}`
    if (Buffer.byteLength(name) > mostNameBytes) {
      return `filenames must be less than or equal to ${mostNameBytes} characters`
    }
  }
  return names[0]?.startsWith('..') ? `must not start with '..': ${path}` : undefined
}
