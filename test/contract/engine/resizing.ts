import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inspect, rejects } from './expect.ts'
import type { MakeHarness } from './harness.ts'
import { containerRequest, noId } from './requests.ts'

const mebibyte = 1024 * 1024
const small = { CpuShares: 102, CpuPeriod: 100_000, CpuQuota: 20_000, Memory: 32 * mebibyte, MemorySwap: 32 * mebibyte }
const large = { CpuShares: 512, CpuPeriod: 100_000, CpuQuota: 80_000, Memory: 64 * mebibyte, MemorySwap: 64 * mebibyte }

function shown({ CpuShares, CpuPeriod, CpuQuota, Memory }: typeof small): object {
  return { cpuShares: CpuShares, cpuPeriod: CpuPeriod, cpuQuota: CpuQuota, memoryBytes: Memory }
}

export function resizing(makeHarness: MakeHarness): void {
  it('shows what a container was created with, and nothing of what nobody asked for', async ({ signal }) => {
    await using harness = await makeHarness()
    const limited = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    const unlimited = await harness.engine.create(containerRequest(harness), signal)
    assert.partialDeepStrictEqual(await inspect(harness.engine, limited, signal), { resources: shown(small) })
    const none = { cpuShares: 0, cpuPeriod: 0, cpuQuota: 0, memoryBytes: 0 }
    assert.partialDeepStrictEqual(await inspect(harness.engine, unlimited, signal), { resources: none })
  })

  it('lets a running container have more, and less again, without ending it', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    await harness.engine.start(id, signal)
    const { state } = await inspect(harness.engine, id, signal)
    for (const resources of [large, small]) {
      await harness.engine.update(id, resources, signal)
      assert.partialDeepStrictEqual(await inspect(harness.engine, id, signal), { resources: shown(resources), state })
    }
  })

  it('gives limits to a container that had none, and leaves as it is what is not named', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: { CpuShares: 2 } }), signal)
    await harness.engine.start(id, signal)
    await harness.engine.update(id, { Memory: large.Memory, MemorySwap: large.Memory }, signal)
    const resources = { cpuShares: 2, cpuQuota: 0, memoryBytes: large.Memory }
    assert.partialDeepStrictEqual(await inspect(harness.engine, id, signal), { resources })
  })

  it('takes a quota away', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    await harness.engine.start(id, signal)
    await harness.engine.update(id, { CpuQuota: -1 }, signal)
    assert.partialDeepStrictEqual(await inspect(harness.engine, id, signal), { resources: { cpuQuota: 0 } })
  })

  it('changes a container before it is started', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    await harness.engine.update(id, large, signal)
    await harness.engine.start(id, signal)
    assert.partialDeepStrictEqual(await inspect(harness.engine, id, signal), { resources: shown(large) })
  })

  it('throws invalid for less memory than Docker allows, and the container keeps what it has', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    await harness.engine.start(id, signal)
    const update = harness.engine.update(id, { Memory: mebibyte, MemorySwap: mebibyte }, signal)
    await rejects(update, 'invalid', /^Minimum memory limit allowed is 6MB/u)
    assert.partialDeepStrictEqual(await inspect(harness.engine, id, signal), { resources: shown(small) })
  })

  it('says how much memory a container uses while it runs, and nothing before', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness), signal)
    assert.equal(await harness.engine.memoryUsage(id, signal), undefined)
    await harness.engine.start(id, signal)
    const bytes = (await harness.engine.memoryUsage(id, signal)) ?? 0
    assert.ok(bytes > 10_000 && bytes < 100 * mebibyte, `${bytes}`)
  })

  it('says what a container has used while it runs, and nothing before', async ({ signal }) => {
    await using harness = await makeHarness()
    const id = await harness.engine.create(containerRequest(harness, { host: small }), signal)
    assert.equal(await harness.engine.containerUsage(id, signal), undefined)
    await harness.engine.start(id, signal)
    const usage = await harness.engine.containerUsage(id, signal)
    assert.ok(usage !== undefined && usage.cpu.totalNs > 0 && usage.atMs > 0)
    assert.ok(usage.memory.workingSet > 0 && usage.memory.workingSet <= usage.memory.usage)
    assert.equal(usage.memory.limit, small.Memory)
  })

  it('throws not-found for a container that is not there', async ({ signal }) => {
    await using harness = await makeHarness()
    const missing = new RegExp(`^No such container: ${noId}$`, 'u')
    await rejects(harness.engine.update(noId, large, signal), 'not-found', missing)
    await rejects(harness.engine.memoryUsage(noId, signal), 'not-found', missing)
    await rejects(harness.engine.containerUsage(noId, signal), 'not-found', missing)
  })
}
