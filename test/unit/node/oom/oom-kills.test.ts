import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  latest,
  OomKillReader,
  parseKernelRecord,
  parseOomKills,
  systemOomMessage,
  type OomKill,
} from '../../../../src/node/oom/oom-kills.ts'

const begins = 'dd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0'
const ofCgroup =
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=4d44,mems_allowed=0,oom_memcg=/docker/4d44,task_memcg=/docker/4d44,task=dd,pid=2264,uid=0'
const ofSystem =
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/docker/4d44,task=stress (1),pid=77,uid=0'

/** What a kernel writes, a record every second; what is found in it. */
function found(...messages: readonly string[]): readonly OomKill[] {
  const reader = new OomKillReader()
  return messages.flatMap((message, index) => reader.read({ atUs: index * 1_000_000, message }) ?? [])
}

describe("Kills in a kernel's log", () => {
  it('are of the system where the machine had no memory left', () => {
    const kills = found(
      'other',
      begins,
      'Mem-Info:',
      ofSystem,
      'Out of memory: Killed process 77 (stress (1)) total-vm:1kB',
    )
    assert.deepEqual(kills, [{ victim: 'stress (1)', pid: 77, atUs: 4_000_000, isOfSystem: true }])
    assert.equal(kills.map(systemOomMessage)[0], 'System OOM encountered, victim process: stress (1), pid: 77')
  })

  it('are not where a cgroup reached its limit, in the words of a kernel of today or of an older one', () => {
    const killed = 'Memory cgroup out of memory: Killed process 2264 (dd) total-vm:67804kB, anon-rss:7680kB'
    const older = 'Task in /kubepods/pod1/4d44 killed as a result of limit of /kubepods/pod1'
    for (const limit of [ofCgroup, older]) {
      assert.deepEqual(found(begins, limit, killed), [{ victim: 'dd', pid: 2264, atUs: 2_000_000, isOfSystem: false }])
    }
  })

  it('are told one after the other, each with its own cause', () => {
    const kills = found(begins, ofCgroup, 'Killed process 1 (a)', begins, ofSystem, 'Killed process 2 (b)')
    assert.deepEqual(
      kills.map(({ pid, isOfSystem }) => [pid, isOfSystem]),
      [
        [1, false],
        [2, true],
      ],
    )
  })

  it('are none without the beginning: whose memory it was is not known', () => {
    assert.deepEqual(found('Killed process 1 (a)', ofSystem, 'Killed process 2 (b)'), [])
  })

  it('go on in the next part of the log', () => {
    const reader = new OomKillReader()
    reader.read({ atUs: 1, message: begins })
    assert.equal(reader.isMidway, true)
    assert.equal(reader.read({ atUs: 2, message: 'Out of memory: Killed process 5 (sh)' })?.pid, 5)
    assert.equal(reader.isMidway, false)
  })

  it('are recent seen from the newest', () => {
    const kills = [0, 88, 95, 100].map((seconds) => ({
      victim: 'a',
      pid: 1,
      atUs: seconds * 1_000_000,
      isOfSystem: true,
    }))
    assert.deepEqual(latest(kills, 12_000), kills.slice(1))
    assert.deepEqual(latest([], 12_000), [])
  })
})

describe("What the kernel's files say", () => {
  it('is a time and a message, without what else is known of it', () => {
    const text = '6,291884,48754342169,-;docker0: port 1; disabled\n SUBSYSTEM=net\n DEVICE=n3\n'
    assert.deepEqual(parseKernelRecord(text), { atUs: 48_754_342_169, message: 'docker0: port 1; disabled' })
    assert.equal(parseKernelRecord('nonsense'), undefined)
  })

  it('is how many were killed, where the kernel counts them', () => {
    assert.equal(parseOomKills('pgfault 7\noom_kill 54\ndrop_pagecache 1\n'), 54)
    assert.equal(parseOomKills('pgfault 7\n'), undefined)
  })
})
