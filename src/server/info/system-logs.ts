/** `/logs/`: the files of the node's log folder. Rule: Go's http.FileServer, which the kubelet puts over /var/log. */
import { constants } from 'node:fs'
import { open, readdir, readlink, realpath, stat, type FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { KubeletError } from '../../model/errors.ts'
import { hasCode } from '../../util/has-code.ts'
import { sendAnswer, type Answer } from '../answers.ts'
import type { ServerCall } from '../route.ts'
import { byteRange, contentType, listingPage } from './file-listing.ts'

export interface SystemLogsOptions {
  /** The folder that is shown. */
  readonly folder: string
  /**
   * Folders to which links in it may lead besides. The kubelet follows every link; whoever can write to the log folder
   * could then show any file of the node to those who may read its logs.
   */
  readonly linked: (signal: AbortSignal) => Promise<readonly string[]>
}

/** Serves what the rest of the path names. Throws `not-found` and `forbidden` as Go's file server says them. */
export async function serveSystemLog(
  { params, path, request, signal }: ServerCall,
  response: ServerResponse,
  options: SystemLogsOptions,
): Promise<void> {
  const wanted = posix.normalize(`/${params['*'] ?? ''}`)
  try {
    await using file = await openBelow(wanted, options, signal)
    const isFolder = (await file.stat()).isDirectory()
    const redirect = redirectOf(path, isFolder)
    if (redirect !== undefined) {
      response.writeHead(301, { location: redirect }).end()
    } else if (isFolder) {
      sendAnswer(response, await listing(file))
    } else {
      await sendFile(file, request.headers, response, signal)
    }
  } catch (error) {
    throw answered(error)
  }
}

/**
 * A file or a folder, opened, that lies where it may: looked at after it was opened, so that
 * nobody can change it in between.
 */
async function openBelow(
  wanted: string,
  { folder, linked }: SystemLogsOptions,
  signal: AbortSignal,
): Promise<FileHandle> {
  const path = join(folder, wanted)
  const found = await stat(path)
  // Others might wait for a writer, or do something.
  if (!found.isFile() && !found.isDirectory()) throw forbidden()
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const place = await readlink(ownPath(file))
    const isBelow = (top: string): boolean => place === top || place.startsWith(`${top}/`)
    if (isBelow(await realpath(folder))) return file
    for (const top of await linked(signal)) if (isBelow(await realpath(top))) return file
    throw forbidden()
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Folders have a slash at the end of their URL, files have none. */
function redirectOf(path: string, isFolder: boolean): string | undefined {
  if (isFolder === path.endsWith('/')) return undefined
  const name = posix.basename(path)
  return isFolder ? `${name}/` : `../${name}`
}

async function listing(folder: FileHandle): Promise<Answer> {
  const entries = await readdir(ownPath(folder), { withFileTypes: true })
  const files = entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
  return { status: 200, contentType: 'text/html; charset=utf-8', body: listingPage(files) }
}

async function sendFile(
  file: FileHandle,
  { range, 'if-modified-since': since }: NodeJS.Dict<string | string[]>,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { size, mtimeMs } = await file.stat()
  const modifiedMs = Math.floor(mtimeMs / 1000) * 1000
  const headers = { 'last-modified': new Date(modifiedMs).toUTCString(), 'x-content-type-options': 'nosniff' }
  if (typeof since === 'string' && Date.parse(since) >= modifiedMs) {
    response.writeHead(304, headers).end()
    return
  }
  const part = byteRange(typeof range === 'string' ? range : undefined, size)
  if (part.kind === 'none') {
    response
      .writeHead(416, { ...headers, 'content-range': `bytes */${size}` })
      .end('invalid range: failed to overlap\n')
    return
  }
  const [first, last] = part.kind === 'all' ? [0, size - 1] : [part.first, part.last]
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
  response.writeHead(part.kind === 'all' ? 200 : 206, {
    ...headers,
    'accept-ranges': 'bytes',
    'content-type': contentType(buffer.subarray(0, bytesRead)),
    'content-length': last - first + 1,
    ...(part.kind === 'part' && { 'content-range': `bytes ${first}-${last}/${size}` }),
  })
  // A log grows while it is read: what it had at first is what the client was told.
  if (last >= first) {
    const content = file.createReadStream({ start: first, end: last, autoClose: false })
    await pipeline(content, response, { signal, end: false })
    // One that was cut off meanwhile, as logrotate does: the client would wait for the rest for ever.
    if (content.bytesRead <= last - first)
      throw new KubeletError('gone', 'the file has become shorter while it was read')
  }
  response.end()
}

function ownPath(file: FileHandle): string {
  return `/proc/self/fd/${file.fd}`
}

function answered(error: unknown): unknown {
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE')) {
    return new KubeletError('not-found', '404 page not found\n', { cause: error })
  }
  return hasCode(error, 'EACCES', 'EPERM') ? forbidden() : error
}

function forbidden(): KubeletError {
  return new KubeletError('forbidden', '403 Forbidden\n', { status: 403 })
}
