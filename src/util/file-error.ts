import { KubeletError } from '../model/errors.ts'

/** What libuv words otherwise than the C library, and so Go. */
const words: Readonly<Record<string, string>> = {
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENXIO: 'no such device or address',
}

/**
 * A failure in words: that of a call about a file as the kubelet has it from Go, `open /a/b: no such file or directory` for
 * Node's `ENOENT: no such file or directory, open '/a/b'`; any other as it is.
 */
export function failureText(error: unknown): string {
  const { message } = KubeletError.from(error)
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error) || !('path' in error)) return message
  const { code, syscall, path } = error
  const [, text] = /^E\w+: ([^,]+),/u.exec(message) ?? []
  const reason = (typeof code === 'string' ? words[code] : undefined) ?? text
  return reason === undefined ? message : `${String(syscall)} ${String(path)}: ${reason}`
}
