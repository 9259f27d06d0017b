import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeMountSpec } from '../../../src/model/kube.ts'
import { isRecursiveReadOnly } from '../../../src/translate/recursive-read-only.ts'

const mount = { name: 'data', mountPath: '/data', readOnly: true } as const

describe('isRecursiveReadOnly', () => {
  const modes: readonly (readonly [mode: string | undefined, where: Record<'supported' | 'not', boolean>])[] = [
    [undefined, { supported: false, not: false }],
    ['Disabled', { supported: false, not: false }],
    ['IfPossible', { supported: true, not: false }],
  ]
  for (const [recursiveReadOnly, where] of modes) {
    it(`goes by the runtime for ${recursiveReadOnly}`, () => {
      const asked = recursiveReadOnly === undefined ? mount : { ...mount, recursiveReadOnly }
      assert.deepEqual({ supported: isRecursiveReadOnly(asked, true), not: isRecursiveReadOnly(asked, false) }, where)
    })
  }

  it('is true for Enabled, also beside propagation None', () => {
    assert.equal(isRecursiveReadOnly({ ...mount, recursiveReadOnly: 'Enabled', mountPropagation: 'None' }, true), true)
  })

  it('asks nothing of a mount that does not ask for it', () => {
    assert.equal(isRecursiveReadOnly({ ...mount, readOnly: false, mountPropagation: 'Bidirectional' }, true), false)
  })

  const asked =
    'failed to resolve recursive read-only mode: volume "data" requested recursive read-only mode, but it is not'
  const faults: readonly (readonly [change: Partial<VolumeMountSpec>, isSupported: boolean, message: string])[] = [
    [{ recursiveReadOnly: 'Enabled' }, false, `${asked} supported by the runtime`],
    [{ recursiveReadOnly: 'IfPossible', readOnly: false }, true, `${asked} read-only`],
    [
      { recursiveReadOnly: 'IfPossible', mountPropagation: 'HostToContainer' },
      true,
      `${asked} compatible with propagation "HostToContainer"`,
    ],
    [
      { recursiveReadOnly: 'Often' },
      true,
      'failed to resolve recursive read-only mode: unknown recursive read-only mode "Often"',
    ],
  ]
  for (const [change, isSupported, message] of faults) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      assert.throws(() => isRecursiveReadOnly({ ...mount, ...change }, isSupported), { message })
    })
  }
})
