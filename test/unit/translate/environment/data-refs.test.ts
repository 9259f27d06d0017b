import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentRefs, podEnvironmentRefs } from '../../../../src/translate/environment/data-refs.ts'
import { mapRef, secretRef } from '../../../builders/environment.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

describe('what a container’s environment names', () => {
  it('is each ConfigMap and Secret once, in the order in which they are looked at', () => {
    const container = aContainer({
      envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'a' } }],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'b', key: 'k' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'a', key: 'k' } } },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'D', value: 'own', valueFrom: { configMapKeyRef: { name: 'unused', key: 'k' } } },
      ],
    })
    assert.deepEqual(environmentRefs(aPod(), container), [secretRef('a'), mapRef('a'), mapRef('b')])
  })

  it('is the same of all containers of a Pod, in its namespace', () => {
    const one = aContainer({ envFrom: [{ configMapRef: { name: 'a' } }] })
    const two = aContainer({ name: 'two', envFrom: [{ configMapRef: { name: 'b' } }, { configMapRef: { name: 'a' } }] })
    const pod = aPod({ metadata: { namespace: 'shop' }, spec: { initContainers: [one], containers: [two] } })
    assert.deepEqual(podEnvironmentRefs(pod), [mapRef('a', 'shop'), mapRef('b', 'shop')])
  })
})
