import type { Engine } from '../../../src/engine/engine.ts'

/** Two nodes' engines on one Docker; disposing it removes what a test has left there. */
export interface EngineHarness extends AsyncDisposable {
  readonly engine: Engine
  readonly nodeName: string
  /** Another node's engine on the same Docker. */
  readonly otherEngine: Engine
  readonly otherNodeName: string
  /** An image that is there, with a shell; the first of its tags. */
  readonly image: string
}

export type MakeHarness = () => Promise<EngineHarness>
