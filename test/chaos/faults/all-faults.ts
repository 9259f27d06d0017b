/** Every fault that there is, by its name. */
import type { Fault } from '../fault.ts'
import { freezeAgent, killAgent, stopAgent } from './agent/kill-agent.ts'
import { killsAtEvents } from './agent/kill-at-event.ts'
import { apiFaults } from './api/api-faults.ts'
import { behindFaults } from './behind/behind-faults.ts'
import { diskFaults } from './disk/disk-faults.ts'
import { callFaults } from './docker/call-faults.ts'
import { daemonFaults } from './docker/daemon-faults.ts'
import { mended } from './mended.ts'

/** Nothing goes wrong: what fails then is at home in the harness, or in the agent's every day. */
const none: Fault = { name: 'none', inject: () => Promise.resolve(mended) }

export const allFaults: readonly Fault[] = [
  none,
  killAgent,
  stopAgent,
  freezeAgent,
  ...killsAtEvents,
  ...daemonFaults,
  ...callFaults,
  ...apiFaults,
  ...diskFaults,
  ...behindFaults,
]
