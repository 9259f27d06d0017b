import type { PodAction } from '../model/action.ts'

/** What is done now to bring a container up. */
export interface StartStep {
  readonly actions: readonly PodAction[]
  /** It will be started as soon as what it waits for is done; containers behind it wait for that. */
  readonly onItsWay: boolean
}
