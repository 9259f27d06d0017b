import type { KubeletError } from '../../src/model/errors.ts'

/** Stands before the calls of a fake port, so that a test can hold them up or refuse them all. */
export class CallGate<Method extends string> {
  readonly #held = new Map<Method, PromiseWithResolvers<void>>()
  readonly #refusals = new Map<Method, KubeletError>()
  #refusal: KubeletError | undefined

  /** Calls of `method` don't take effect before the returned function is called. */
  hold(method: Method): () => void {
    const held = Promise.withResolvers<void>()
    this.#held.set(method, held)
    return () => {
      if (this.#held.get(method) === held) this.#held.delete(method)
      held.resolve()
    }
  }

  /** Calls of `method` throw `error` from now on; none does with `undefined`. */
  refuse(method: Method, error: KubeletError | undefined): void {
    if (error === undefined) this.#refusals.delete(method)
    else this.#refusals.set(method, error)
  }

  /** Every call throws `error` from now on; none does with `undefined`. */
  refuseAll(error: KubeletError | undefined): void {
    this.#refusal = error
  }

  get refusesAll(): boolean {
    return this.#refusal !== undefined
  }

  async pass(method: Method): Promise<void> {
    const refusal = this.#refusal ?? this.#refusals.get(method)
    if (refusal !== undefined) throw refusal
    await this.#held.get(method)?.promise
  }
}
