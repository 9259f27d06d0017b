import type { TestContext } from 'node:test'
import { ServiceAccountTokens } from '../../../../src/cluster/objects/service-account-tokens.ts'
import { podUid, type PodUid } from '../../../../src/model/ids.ts'
import type { TokenRequest, TokenRequestSpec } from '../../../../src/model/kube.ts'
import { nowMs } from '../../../builders/observed.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster, type ClusterMethod } from '../../../fakes/fake-cluster.ts'
import { CallGate } from '../../../support/call-gate.ts'
import { quiet } from '../../../support/quiet.ts'

export const web = podUid('uid-web')
export const api = podUid('uid-api')
const { signal } = new AbortController()

/** The tokens of a node with the Pods `web` and `api` on a fake API server. Time stands still. */
export class TokenBed implements AsyncDisposable {
  readonly server = new FakeApiServer()
  readonly gate = new CallGate<ClusterMethod>()
  readonly cluster = new FakeCluster({
    server: this.server,
    nodeName: 'node-1',
    before: ({ method }) => this.gate.pass(method),
  })
  /** What was told of tokens that could not be renewed. */
  readonly faults: string[] = []
  readonly tokens: ServiceAccountTokens
  readonly #life = new AbortController()
  readonly #test: TestContext

  /** `random`: how much of the jitter is subtracted. */
  constructor(t: TestContext, random = 0) {
    this.#test = t
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: nowMs })
    for (const name of ['web', 'api']) {
      this.server.createPod({ name, nodeName: 'node-1', metadata: { uid: `uid-${name}` } })
    }
    this.tokens = new ServiceAccountTokens({
      cluster: this.cluster,
      onFault: ({ serviceAccount }, error) => this.faults.push(`${serviceAccount}: ${error.message}`),
      random: () => random,
      signal: this.#life.signal,
    })
  }

  /** How often the server was asked. */
  get requests(): number {
    return this.cluster.count('createToken')
  }

  /** A token of a Pod, or the message that reading it throws. */
  async token(uid = web, change: TokenRequestSpec = {}): Promise<string> {
    try {
      return (await this.tokens.get(uid, aRequest(uid, change), signal)).token
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** When it is to be renewed, in seconds from the start. */
  async renewAt(uid = web, change: TokenRequestSpec = {}): Promise<number> {
    const { renewAtMs } = await this.tokens.get(uid, aRequest(uid, change), signal)
    return (renewAtMs - nowMs) / 1000
  }

  /** Lets what is under way come to rest, and time pass. */
  async advance(seconds = 0): Promise<void> {
    await quiet()
    this.#test.mock.timers.tick(seconds * 1000)
    await quiet()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort()
    await this.tokens[Symbol.asyncDispose]()
  }
}

/** For an hour, as most Pods ask. */
export function aRequest(uid: PodUid, change: TokenRequestSpec = {}): TokenRequest {
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: uid.replace('uid-', ''), uid }
  return {
    namespace: 'default',
    serviceAccount: 'default',
    spec: { expirationSeconds: 3600, boundObjectRef, ...change },
  }
}
