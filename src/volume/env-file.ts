import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { posix } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { EnvFileReader } from '../translate/environment/env-file-reader.ts'
import type { FileValue } from '../translate/environment/container-environment.ts'
import { joinBelow, openBelow, openRoot } from './open-below.ts'

const chunkBytes = 64 * 1024
/** As long as a line may be for the kubelet. */
const longestLineBytes = 64 * 1024
/** Whoever writes the file is a container: what it can make the agent read has an end. */
const mostBytes = 16 * 1024 * 1024
/** Without waiting for whoever writes to a pipe. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * What a file in a volume says of a variable. Links in the volume are followed as if the volume were the root of all files,
 * so no path leads out of it. Throws `invalid` in the kubelet's words, with why as its cause.
 */
export async function readEnvFile(volume: string, path: string, key: string): Promise<FileValue> {
  await using root = await openRoot(volume).catch((error: unknown) => {
    throw unreadable(error)
  })
  const name = await joinBelow(root, path)
  try {
    await using handle = await openBelow(root, name, openFlags)
    if (!(await handle.stat()).isFile()) throw new KubeletError('invalid', `${name} is no file`)
    return { file: posix.join(volume, name), value: await valueIn(handle, new EnvFileReader(key)) }
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(error: unknown): KubeletError {
  return new KubeletError('invalid', "couldn't parse env file", { cause: KubeletError.from(error) })
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
