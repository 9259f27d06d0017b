/**
 * What every `Cluster` promises, tried on one: the fake (test/unit/cluster) and a real API server (test/integration)
 * pass this suite. The two differ in what else they put into an object, so tests compare what they asked for.
 */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { certificates } from './cluster/certificates.ts'
import { claims } from './cluster/claims.ts'
import { events, leases, nodes } from './cluster/node.ts'
import { objects, runtimeClasses, services } from './cluster/objects.ts'
import { reviews } from './cluster/reviews.ts'
import { tokens } from './cluster/tokens.ts'
import { deletion, mirrors, pods, watching } from './cluster/pods.ts'
import type { ClusterHarness } from './cluster/harness.ts'

type MakeHarness = () => Promise<ClusterHarness>

export function clusterContract(name: string, makeHarness: MakeHarness): void {
  describe(`${name} as a cluster`, { timeout: 120_000 }, () => {
    describe('about Pods', () => pods(shared(makeHarness)))
    describe('about mirror Pods', () => mirrors(shared(makeHarness)))
    describe('deleting Pods', () => deletion(shared(makeHarness)))
    describe('watching Pods', () => watching(shared(makeHarness)))
    describe('about what Pods refer to', () => objects(shared(makeHarness)))
    describe('about claims', () => claims(shared(makeHarness)))
    describe('about Services', () => services(shared(makeHarness)))
    describe('about RuntimeClasses', () => runtimeClasses(shared(makeHarness)))
    describe('about tokens', () => tokens(shared(makeHarness)))
    describe('about callers', () => reviews(shared(makeHarness)))
    describe('about certificates', () => certificates(shared(makeHarness)))
    describe('about its Node', () => nodes(shared(makeHarness)))
    describe('about its lease', () => leases(shared(makeHarness)))
    describe('about events', () => events(shared(makeHarness)))
  })
}

/** One harness for the tests of a group: a node's identity takes a real cluster seconds to make. */
function shared(makeHarness: MakeHarness): () => ClusterHarness {
  let harness: ClusterHarness | undefined
  before(async () => {
    harness = await makeHarness()
  })
  after(() => harness?.[Symbol.asyncDispose]())
  return () => harness ?? assert.fail('the harness is made before the tests')
}
