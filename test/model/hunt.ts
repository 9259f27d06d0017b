/** Looks for trouble for longer than a test may take, and without the test runner, which costs a quarter of the time. */
import { mock } from 'node:test'
import { agentProperty } from './agent-property.ts'
import { ends, settles } from './planner/planner-property.ts'
import { holdsForAll } from './runs.ts'

await holdsForAll(settles)
await holdsForAll(ends)
await holdsForAll(agentProperty(mock))
