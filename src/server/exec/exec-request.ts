import type { SessionStreams } from '../../engine/streams/container-session.ts'
import { KubeletError } from '../../model/errors.ts'

/**
 * The streams that a client of `/exec` or `/attach` asks for; only a literal `1` does. Throws `invalid` for none at all.
 * (The kubelet's staging/src/k8s.io/cri-streaming/pkg/streaming/remotecommand/httpstream.go.)
 */
export function wantedStreams(query: URLSearchParams): SessionStreams {
  const asks = (name: string): boolean => query.get(name) === '1'
  const tty = asks('tty')
  const wanted = { stdin: asks('input'), stdout: asks('output'), stderr: asks('error') && !tty, tty }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    throw new KubeletError('invalid', 'you must specify at least 1 of stdin, stdout, stderr', { status: 400 })
  }
  return wanted
}
