import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utsRuntime } from '../../../src/engine/uts-runtime.ts'
import { usualInfo } from '../../fakes/usual-info.ts'
import { keptLog } from '../../support/kept-log.ts'

describe('The OCI runtime that joins the UTS namespace of a sandbox', () => {
  it('is taken where Docker has it', () => {
    const { log, lines } = keptLog()
    assert.equal(utsRuntime({ ...usualInfo, runtimes: ['runc', 'minikubelet'] }, log), 'minikubelet')
    assert.deepEqual(lines.items, [])
  })

  it('is done without where Docker has none, and what follows from that and how to have it is told', () => {
    const { log, lines } = keptLog()
    assert.equal(utsRuntime({ ...usualInfo, runtimes: ['runc'] }, log), undefined)
    assert.deepEqual(
      lines.items.map(({ level, message }) => [level, /copy of its hostname.*deploy\/README\.md/u.test(message)]),
      [['warn', true]],
    )
  })
})
