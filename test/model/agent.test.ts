import { describe, it } from 'node:test'
import { agentProperty } from './agent-property.ts'
import { holdsForAll } from './runs.ts'

describe('a node on which anything may happen', () => {
  it('has its Pods as they should be at every step, and when that is over', (t) => holdsForAll(agentProperty(t.mock)))
})
