import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Only for what does not listen. */
const patienceMs = 60_000

/** Has a process end, and waits until it has: after a minute it is killed. One that has ended, or never began, has ended. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const guard = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await ended
  clearTimeout(guard)
}
