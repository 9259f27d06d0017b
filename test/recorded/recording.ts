/**
 * What an API server answered to the agent's own requests, kept as files here: kubernetes-1.36.json is what today's servers
 * say, kubernetes-1.20.json the oldest that is supported. Made anew by ./record.ts, replayed by ./replay-server.ts.
 */
import { readFile } from 'node:fs/promises'
import type { PodKey } from '../../src/cluster/cluster.ts'

export interface Recording {
  /** Against what and when it was made, for whoever reads the file. */
  readonly how: string
  /** Of the server, `v1.36.2`. */
  readonly version: string
  readonly nodeName: string
  readonly namespace: string
  /** A Pod of the node, with fields that came with newer servers. */
  readonly pod: PodKey
  /** Where a watch goes on to see that Pod come. */
  readonly resourceVersion: string
  /** By the scene's name, each request with its answer in their order. */
  readonly scenes: Readonly<Record<string, readonly Exchange[]>>
}

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly status: number
  /** Those that say something: `retry-after`, `warning`, `content-type`. */
  readonly headers: Readonly<Record<string, string>>
  /** Of a watch each line; of any other answer one document, which is a text where it is no JSON. */
  readonly answer: readonly unknown[]
}

/** The recordings of this folder, by the version of their server, `1.36`. */
export async function readRecording(version: '1.20' | '1.36'): Promise<Recording> {
  const text = await readFile(new URL(`kubernetes-${version}.json`, import.meta.url), 'utf8')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ./record.ts has written it
  return JSON.parse(text) as Recording
}

/** What of a request must be the same when it is replayed: how many and for how long is ours to choose. */
export function sameRequest(method: string, path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://server')
  searchParams.delete('timeoutSeconds')
  searchParams.delete('limit')
  return `${method} ${pathname}?${searchParams.toString()}`
}
