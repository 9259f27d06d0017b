import type { Duplex } from 'node:stream'

/**
 * A command may end with input on its way that nobody will read. Docker closes the connection then, and a write fails
 * with EPIPE, or the last read with ECONNRESET. For either Node would destroy the connection, and with it the output
 * that has come and was not read yet. So a write that fails is no fault, and such a reset is the end: the kernel tells
 * of it after all that was sent, and whether Docker itself is gone shows when it is asked for the exit code.
 */
export function keepOutput(connection: Duplex): void {
  const write = connection._write.bind(connection)
  connection._write = (chunk, encoding, callback) => write(chunk, encoding, () => callback())
  const writev = connection._writev?.bind(connection)
  if (writev !== undefined) connection._writev = (chunks, callback) => writev(chunks, () => callback())

  const destroy = connection.destroy.bind(connection)
  connection.destroy = (error) => {
    if (!isReset(error)) return destroy(error)
    connection.push(null)
    return connection
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
}
