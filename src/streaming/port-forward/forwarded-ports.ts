import { KubeletError } from '../../model/errors.ts'
import { portFault } from './stream-headers.ts'

/** Each takes two channels, and a channel is a byte. */
const mostPorts = 128

/**
 * The ports that a request names which has no streams to say it later, `?port=80&port=81,82`. Throws `invalid` in the
 * kubelet's words (staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go).
 */
export function forwardedPorts(query: URLSearchParams): readonly number[] {
  const given = query.getAll('port')
  if (given.length === 0) throw invalid('query parameter "port" is required')
  const ports = given.flatMap((text) => {
    if (text === '') throw invalid('query parameter "port" cannot be empty')
    return text.split(',').map((part) => {
      const fault = portFault(part, text)
      if (fault !== undefined) throw invalid(fault)
      return Number(part)
    })
  })
  if (ports.length > mostPorts)
    throw invalid(`a WebSocket has channels for ${mostPorts} ports, not for ${ports.length}`)
  return ports
}

function invalid(message: string): KubeletError {
  return new KubeletError('invalid', message, { status: 400 })
}
