import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commandStatus } from '../../../src/streaming/command-status.ts'

const gone = { kind: 'failed', message: 'error executing command in container: container not running (abc)' } as const

describe('The end of a command on the error stream', () => {
  it('is nothing in protocols 1 to 3 when all is well, a text otherwise', () => {
    assert.equal(commandStatus({ kind: 'exited', exitCode: 0 }, 'text'), '')
    assert.equal(
      commandStatus({ kind: 'exited', exitCode: 3 }, 'text'),
      'command terminated with non-zero exit code: Error executing in Docker Container: 3',
    )
    assert.equal(commandStatus(gone, 'text'), `Internal error occurred: ${gone.message}`)
  })

  it('is a status with its exit code in protocol 4', () => {
    assert.equal(commandStatus({ kind: 'exited', exitCode: 0 }, 'short'), '{"status":"Success"}')
    assert.deepEqual(JSON.parse(commandStatus({ kind: 'exited', exitCode: 137 }, 'short')), {
      status: 'Failure',
      message: 'command terminated with non-zero exit code: Error executing in Docker Container: 137',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '137' }] },
    })
    assert.deepEqual(JSON.parse(commandStatus(gone, 'short')), {
      status: 'Failure',
      message: `Internal error occurred: ${gone.message}`,
      reason: 'InternalError',
      code: 500,
    })
  })

  it("is all of the API's Status in protocol 5", () => {
    assert.equal(commandStatus({ kind: 'exited', exitCode: 0 }, 'full'), '{"metadata":{},"status":"Success"}')
    assert.deepEqual(JSON.parse(commandStatus({ kind: 'exited', exitCode: 3 }, 'full')), {
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
    assert.deepEqual(JSON.parse(commandStatus(gone, 'full')), {
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: ${gone.message}`,
      reason: 'InternalError',
      details: { causes: [{ message: gone.message }] },
      code: 500,
    })
  })
})
