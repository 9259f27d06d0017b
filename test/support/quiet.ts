/** How many turns of the event loop without anything under way count as quiet. */
const quietTurns = 3
/** Only a guard: what is still busy by then goes round in circles. */
const guardMs = 60_000

/**
 * Resolves when nothing in this process can go on by itself any more: every promise that can settle has settled and no
 * file is being read or written. What waits for a timer, or for a test to let it go, waits on.
 */
export async function quiet(): Promise<void> {
  const startedAt = performance.now()
  for (let turns = 0; turns < quietTurns; turns += 1) {
    if (performance.now() - startedAt > guardMs) throw new Error(`Still busy after ${guardMs} ms`)
    await nextTurn()
    if (process.getActiveResourcesInfo().some(isFileRequest)) turns = -1
  }
}

/** Promises settle, and what they start is begun, before a turn of the event loop ends. */
async function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setImmediate(resolve)
  await promise
}

function isFileRequest(resource: string): boolean {
  return resource.startsWith('FSReq') || resource === 'CloseReq' || resource === 'FileHandleCloseReq'
}
