import { constants } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { EnvFileReader } from '../translate/environment/env-file-reader.ts'
import type { FileValue } from '../translate/environment/container-environment.ts'

const chunkBytes = 64 * 1024
/** As long as a line may be for the kubelet. */
const longestLineBytes = 64 * 1024
/** Whoever writes the file is a container: what it can make the agent read has an end. */
const mostBytes = 16 * 1024 * 1024
const mostLinks = 255
/** Without waiting for whoever writes to a pipe, and not through a link that has just been put there. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

/**
 * What a file in a volume says of a variable. Links in the volume are followed as if the volume were the root of all files,
 * so no path leads out of it. Throws `invalid` in the kubelet's words, with why as its cause.
 */
export async function readEnvFile(volume: string, path: string, key: string): Promise<FileValue> {
  const file = await joinBelow(volume, path)
  try {
    await using handle = await openBelow(volume, file)
    return { file, value: await valueIn(handle, new EnvFileReader(key)) }
  } catch (error) {
    throw new KubeletError('invalid', "couldn't parse env file", { cause: KubeletError.from(error) })
  }
}

/** The path with its links followed, below `root` whatever they say; what is not there is taken as it is written. */
async function joinBelow(root: string, path: string): Promise<string> {
  let at = '/'
  let left = path
  for (let links = 0; left !== '';) {
    const [part = '', ...rest] = left.split('/')
    left = rest.join('/')
    const next = posix.join(at, part)
    const link = next === at ? undefined : await readlink(posix.join(root, next)).catch(() => undefined)
    if (link === undefined) {
      at = next
      continue
    }
    links += 1
    if (links > mostLinks) throw new KubeletError('invalid', `too many links in ${path}`)
    if (link.startsWith('/')) at = '/'
    left = `${link}/${left}`
  }
  return posix.join(root, at)
}

/**
 * Opens a file that has been found in the volume, and looks whether that is what was opened: containers may put a link
 * where a folder has just been. Throws `conflict` then, and `invalid` for what is no file.
 */
export async function openBelow(volume: string, file: string): Promise<FileHandle> {
  const handle = await open(file, openFlags)
  try {
    const expected = posix.join(await realpath(volume), posix.relative(volume, file))
    const opened = await readlink(`/proc/self/fd/${handle.fd}`)
    if (opened !== expected) throw new KubeletError('conflict', `${file} was moved while it was opened`)
    if (!(await handle.stat()).isFile()) throw new KubeletError('invalid', `${file} is no file`)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function valueIn(handle: FileHandle, reader: EnvFileReader): Promise<string> {
  let left = Buffer.alloc(0)
  let total = 0
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes)
    if (bytesRead === 0) break
    total += bytesRead
    if (total > mostBytes) throw new KubeletError('invalid', `it is longer than ${mostBytes} bytes`)
    left = Buffer.concat([left, buffer.subarray(0, bytesRead)])
    for (let end = left.indexOf('\n'); end !== -1; end = left.indexOf('\n')) {
      const value = takeLine(reader, left.subarray(0, end))
      if (value !== undefined) return value
      left = left.subarray(end + 1)
    }
    if (left.length >= longestLineBytes) throw new KubeletError('invalid', 'a line is too long')
  }
  return (left.length > 0 ? takeLine(reader, left) : undefined) ?? reader.end()
}

function takeLine(reader: EnvFileReader, line: Buffer): string | undefined {
  return reader.take(line.toString().replace(/\r$/u, ''))
}
