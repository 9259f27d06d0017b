import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { repositoryPath } from '../../support/command.ts'
import { runFile } from './run-file.ts'

/** What a file of tests with this in it tells of what it closes, in order. */
function closedBy(script: string): readonly string[] {
  const [code, told] = runFile(`import { Opened } from '${repositoryPath('test/support/opened.ts')}'
    const opened = new Opened()
    const thing = (name) => ({ [Symbol.asyncDispose]: async () => console.log('closed:', name) })
    ${script}`)
  assert.equal(code, 1, told)
  return [...told.matchAll(/^closed: (.*)$/gmu)].map(([, name = '']) => name)
}

describe('What a file of tests has opened', () => {
  it('is closed in the end, the last first, whatever becomes of the others', () => {
    const closed = closedBy(`
      await opened.open(thing('first'))
      await opened.open(Promise.resolve(thing('second')))
      opened.defer(() => { throw new Error('it cannot be closed') })
      await opened.open(thing('last'))
      it('passes', () => console.log('closed:', 'nothing yet'))`)
    assert.deepEqual(closed, ['nothing yet', 'last', 'second', 'first'])
  })

  it('is closed when something else cannot be opened', () => {
    const closed = closedBy(`
      await opened.open(thing('first'))
      await opened.open(thing('second'))
      await opened.open(Promise.reject(new Error('it cannot be opened')))
      it('passes', () => console.log('closed:', 'nothing yet'))`)
    assert.deepEqual(closed, ['second', 'first'])
  })

  it('is closed when it comes too late', () => {
    const closed = closedBy(`
      const { promise, resolve } = Promise.withResolvers()
      const late = opened.open(promise)
      await opened.open(Promise.reject(new Error('it cannot be opened'))).catch(() => resolve(thing('late')))
      await late`)
    assert.deepEqual(closed, ['late'])
  })
})
