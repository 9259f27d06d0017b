/** The part of the engine port that reaches the ports of Pods, as `kubectl port-forward` does. */
import type { Duplex } from 'node:stream'
import type { ContainerId } from '../../model/ids.ts'

export interface PortDialing {
  /**
   * Connects to a TCP port on the loopback of a running sandbox's network, 127.0.0.1 or else ::1, and resolves when the
   * connection stands. Either side may end its data and go on reading; back-pressure reaches both ends. The stream closes
   * when both sides have said all, or when the port's side is gone, of which `end` is no sign; it is destroyed with a
   * `KubeletError` when the connection breaks. Destroying it, or `signal` at any time, ends the connection.
   *
   * Throws `unavailable` when nothing listens there, with a text that says so for both addresses; `conflict` when the
   * sandbox does not run, `not-found` when it is gone; `throttled` when too many connections are open.
   */
  dial(sandbox: ContainerId, port: number, signal: AbortSignal): Promise<Duplex>
}
