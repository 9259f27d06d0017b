export interface ArchivedFile {
  readonly name: string
  readonly mode?: number
  readonly content: string | Buffer
}

/** A tar archive; the same files give the same bytes. */
export async function* tar(files: readonly ArchivedFile[]): AsyncGenerator<Uint8Array> {
  // Loaded only here: most starts find the image loaded already, and do without these 4 MB.
  const { pack } = await import('tar-stream')
  const archive = pack()
  for (const { name, mode = 0o644, content } of files) archive.entry({ name, mode, mtime: new Date(0) }, content)
  archive.finalize()
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk
}
