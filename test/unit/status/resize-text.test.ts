import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resizeSummary } from '../../../src/model/resize.ts'
import { resizeText } from '../../../src/status/resize-text.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const resources = { requests: { memory: '64Mi', cpu: '100m' }, limits: { memory: '128Mi', cpu: '200m' } }
const listed = '{"limits":{"cpu":"200m","memory":"128Mi"},"requests":{"cpu":"100m","memory":"64Mi"}}'

describe('the message of an event of a resize', () => {
  it('has what every container was to have, limits first and by name, as Go writes it', () => {
    const pod = aPod({
      spec: {
        initContainers: [aContainer({ name: 'init', resources })],
        containers: [aContainer({ resources }), aContainer({ name: 'side', resources: {} })],
      },
    })
    assert.equal(
      resizeText('started', resizeSummary(pod, 3)),
      `Pod resize started: {"initContainers":[{"name":"init","resources":${listed}}],` +
        `"containers":[{"name":"main","resources":${listed}},{"name":"side","resources":{}}],"generation":3}`,
    )
  })

  it('has why it was not done, escaped for HTML', () => {
    const text = resizeText('error', resizeSummary(aPod(), 2), 'limit "a" <b> & c')
    assert.equal(
      text,
      String.raw`Pod resize error: {"containers":[{"name":"main","resources":{}}],"generation":2,"error":"limit \"a\" \u003cb\u003e \u0026 c"}`,
    )
  })
})
