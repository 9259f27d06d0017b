import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ResourceRequirements } from '../../../../src/model/allocation.ts'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { mediumMount, type MediumMount } from '../../../../src/translate/volumes/empty-dir-medium.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

interface Asked {
  readonly medium: string
  readonly sizeLimitBytes?: number
  readonly containers?: readonly ResourceRequirements[]
  readonly spec?: Partial<PodSpec>
}

function mountOf({ medium, sizeLimitBytes, containers = [{}], spec }: Asked, memory?: string): MediumMount | undefined {
  const named = containers.map((resources, index) => aContainer({ name: `c${index}`, resources }))
  const pod = aPod({ spec: { containers: named, ...spec } })
  return mediumMount(pod, { medium, sizeLimitBytes }, memory)
}

function optionsOf(asked: Asked, memory?: string): readonly string[] | undefined {
  return mountOf(asked, memory)?.options
}

const huge = (...sizes: readonly string[]): ResourceRequirements => {
  const list = Object.fromEntries(sizes.map((size) => [`hugepages-${size}`, '4Mi']))
  return { requests: list, limits: list }
}

describe('mediumMount', () => {
  it('mounts nothing for a folder on the disk', () => assert.equal(mountOf({ medium: '' }, '1Gi'), undefined))

  it('refuses a medium that nobody knows', () => {
    assert.throws(() => mountOf({ medium: 'Cloud' }), { code: 'invalid', message: 'unknown storage medium "Cloud"' })
  })

  describe('of memory', () => {
    const Mi = 2 ** 20
    const limited = (memory: string): ResourceRequirements => ({ limits: { memory }, requests: { memory } })
    const medium = 'Memory'

    it('is a tmpfs that is never swapped out', () => {
      assert.deepEqual(mountOf({ medium }), { type: 'tmpfs', source: 'tmpfs', options: ['noswap'] })
    })

    it('is as large as what the node has for Pods', () => {
      assert.deepEqual(optionsOf({ medium }, '1Gi'), [`size=${1024 * Mi}`, 'noswap'])
    })

    it('is no larger than what the Pod may have, if all its containers have a limit', () => {
      const two = [limited('64Mi'), limited('32Mi')]
      assert.deepEqual(optionsOf({ medium, containers: two }, '1Gi'), [`size=${96 * Mi}`, 'noswap'])
      assert.deepEqual(optionsOf({ medium, containers: [...two, {}] }, '1Gi'), [`size=${1024 * Mi}`, 'noswap'])
      assert.deepEqual(optionsOf({ medium, containers: two }, '80Mi'), [`size=${80 * Mi}`, 'noswap'])
    })

    it('is no larger than its own limit, where that is one', () => {
      assert.deepEqual(optionsOf({ medium, sizeLimitBytes: 5 }, '1Gi'), ['size=5', 'noswap'])
      assert.deepEqual(optionsOf({ medium, sizeLimitBytes: 0 }, '1Gi'), [`size=${1024 * Mi}`, 'noswap'])
      const containers = [limited('64Mi')]
      assert.deepEqual(optionsOf({ medium, sizeLimitBytes: 65 * Mi, containers }, '1Gi'), [`size=${64 * Mi}`, 'noswap'])
      assert.deepEqual(optionsOf({ medium, sizeLimitBytes: 63 * Mi, containers }, '1Gi'), [`size=${63 * Mi}`, 'noswap'])
    })
  })

  describe('of huge pages', () => {
    it('has the size that the medium names, if some container asks for such pages', () => {
      const asked = { medium: 'HugePages-2Mi', containers: [{}, huge('1Gi', '2Mi')] }
      assert.deepEqual(mountOf(asked), { type: 'hugetlbfs', source: 'nodev', options: ['pagesize=2Mi'] })
      const init = { medium: 'HugePages-2048Ki', spec: { initContainers: [aContainer({ resources: huge('2Mi') })] } }
      assert.deepEqual(optionsOf(init), ['pagesize=2Mi'])
    })

    it('has the one size that the Pod asks for, by its containers or as a whole', () => {
      assert.deepEqual(optionsOf({ medium: 'HugePages', containers: [huge('1Gi'), huge('1Gi')] }), ['pagesize=1Gi'])
      assert.deepEqual(optionsOf({ medium: 'HugePages', spec: { resources: huge('2Mi') } }), ['pagesize=2Mi'])
    })

    it('is refused where nobody asks for such pages', () => {
      const why = 'hugePages storage requested, but there is no resource request for huge pages'
      for (const medium of ['HugePages', 'HugePages-1Gi']) {
        const containers = medium === 'HugePages' ? [{}] : [huge('2Mi')]
        assert.throws(() => mountOf({ medium, containers }), { code: 'invalid', message: `medium ${medium}: ${why}` })
      }
    })

    it('is refused where the medium names no size, and the Pod asks for several', () => {
      const message = "medium: HugePages can't be used if container requests multiple huge page sizes"
      const containers = [huge('2Mi'), huge('1Gi')]
      assert.throws(() => mountOf({ medium: 'HugePages', containers }), { code: 'invalid', message })
    })

    it('is refused where the size is none', () => {
      assert.throws(() => mountOf({ medium: 'HugePages-big', containers: [huge('2Mi')] }), { code: 'invalid' })
    })
  })
})
