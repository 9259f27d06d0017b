import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

/** The agent is killed, a few times one after the other: at any moment, and while it is still coming up. */
export const killAgent: Fault = {
  name: 'kill-agent',
  async inject({ agent, faultMs }, random, signal) {
    const times = random.between(1, 3)
    for (let time = 0; time < times; time += 1) {
      await delay(random.between(0, faultMs / times), undefined, { signal })
      await agent.kill9()
      await delay(random.pick([0, 0, random.between(0, 1_000)]), undefined, { signal })
      agent.start()
    }
    return mended
  },
}

/** As an upgrade does it: told to end (SIGTERM), away for a while, started again. */
export const stopAgent: Fault = {
  name: 'stop-agent',
  async inject({ agent, faultMs }, random, signal) {
    await agent.stop()
    await delay(random.between(0, faultMs), undefined, { signal })
    agent.start()
    return mended
  },
}

/** The process stands still, as on a machine that was suspended, and goes on. */
export const freezeAgent: Fault = {
  name: 'freeze-agent',
  async inject({ agent, faultMs }, _random, signal) {
    const { pid } = agent
    if (pid === undefined) return mended
    process.kill(pid, 'SIGSTOP')
    await delay(faultMs, undefined, { signal }).finally(() => process.kill(pid, 'SIGCONT'))
    return mended
  },
}
