/** The names of gRPC's status codes as grpc-go prints them. */
const codeNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const

export interface GrpcStatus {
  readonly code: string
  readonly message: string
}

/** The status that a call ended with, from its trailers; without one, by the HTTP status, as the protocol has it. */
export function grpcStatus(headers: Readonly<Record<string, unknown>>, httpStatus: number): GrpcStatus {
  const number = headers['grpc-status']
  if (typeof number === 'string') {
    const message = headers['grpc-message']
    return {
      code: codeNames[Number(number)] ?? `Code(${number})`,
      message: typeof message === 'string' ? unescape(message) : '',
    }
  }
  const message = `unexpected HTTP status code received from server: ${httpStatus}`
  if (httpStatus === 404) return { code: 'Unimplemented', message }
  return { code: httpStatus === 200 ? 'Internal' : 'Unavailable', message }
}

/** Messages are percent-encoded; one that is not well encoded stays as it is. */
function unescape(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
