/** What others do to a node that the agent counts on. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FakeApiServer } from '../fakes/fake-api-server.ts'
import type { NodeInMemory } from '../support/node-in-memory.ts'
import type { Happening } from './happening.ts'

/** The watch of Pods ends, for the server's reasons, or tells what it has told before. */
export function disturbWatch(
  server: FakeApiServer,
  happening: Extract<Happening, { kind: 'end watch' | 'tell again' }>,
): void {
  if (happening.kind === 'tell again') return server.watches.tellAgain(happening.nth)
  if (happening.compacted) server.compact()
  return server.watches.end('quiet')
}

/** Somebody removes the folder of the nth Pod that has one. */
export async function removeFolder(node: NodeInMemory, nth: number): Promise<void> {
  const folders = (await node.folders()).toSorted()
  const uid = folders[nth % folders.length]
  if (uid !== undefined) await rm(join(node.root, 'pods', uid), { recursive: true })
}
