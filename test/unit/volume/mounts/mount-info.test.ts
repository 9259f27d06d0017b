import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linesBelow, lowestFirst, mountOf, parseMountInfo } from '../../../../src/volume/mounts/mount-info.ts'
import type { MountPoint } from '../../../../src/volume/mounts/mounts.ts'

function aMount(id: number, parentId: number, target: string): MountPoint {
  const [mount] = parseMountInfo(`${id} ${parentId} 0:1 / ${target} rw - tmpfs tmpfs rw`)
  assert.ok(mount)
  return mount
}

const ids = (mounts: readonly MountPoint[]): readonly number[] => mounts.map(({ id }) => id)

describe('parseMountInfo', () => {
  it('reads every field, however many optional ones there are', () => {
    const rest = 'ext3 /dev/root rw,errors=continue'
    const lines = [
      `36 35 98:0 /sub /mnt rw,noatime - ${rest}`,
      `36 35 98:0 /sub /mnt rw,noatime master:1 - ${rest}`,
      `36 35 98:0 /sub /mnt rw,noatime shared:1 master:2 propagate_from:3 - ${rest}`,
    ]
    const mount = {
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/sub',
      target: '/mnt',
      options: ['rw', 'noatime'],
      superOptions: ['rw', 'errors=continue'],
      isShared: false,
      type: 'ext3',
      source: '/dev/root',
    }
    assert.deepEqual(parseMountInfo(lines.join('\n')), [mount, mount, { ...mount, isShared: true }])
  })

  it('reads blanks, tabs, line ends and backslashes in names, and names like its own separator', () => {
    const [first, second] = parseMountInfo(
      String.raw`1 0 0:1 /a\040b /c\011d\012e\134f\134040 rw - tmpfs a\040b rw` + '\n2 1 0:1 / - rw - tmpfs - rw\n',
    )
    assert.deepEqual([first?.root, first?.target, first?.source], ['/a b', '/c\td\ne\\f\\040', 'a b'])
    assert.deepEqual([second?.target, second?.source, second?.type], ['-', '-', 'tmpfs'])
  })

  it('leaves out what is no line of a mount', () => {
    assert.deepEqual(parseMountInfo('\n1 2 3\n1 0 0:1 / /a rw tmpfs tmpfs rw\n'), [])
  })
})

describe('linesBelow', () => {
  it('leaves what is mounted at a folder or below it, blanks in its name or not', () => {
    const line = (target: string): string => `1 0 0:1 / ${target} rw - tmpfs tmpfs rw`
    const targets = ['/a', String.raw`/a\040b`, String.raw`/a\040b/c`, String.raw`/a\040bc`, '/']
    const text = targets.map((target) => `${line(target)}\n`).join('')
    const found = parseMountInfo(linesBelow(text, '/a b')).map(({ target }) => target)
    assert.deepEqual(found, ['/a b', '/a b/c'])
    assert.equal(parseMountInfo(linesBelow(text, '/')).length, 5)
  })
})

describe('lowestFirst', () => {
  it('puts each after the one that it lies on, in whatever order they come', () => {
    const mounts = [aMount(5, 3, '/a/b/c'), aMount(4, 1, '/d'), aMount(3, 2, '/a/b'), aMount(2, 1, '/a')]
    assert.deepEqual(ids(lowestFirst(mounts)), [2, 3, 5, 4])
  })

  it('bears mounts that are each on the other, and thousands on one point', () => {
    assert.deepEqual(ids(lowestFirst([aMount(1, 2, '/a'), aMount(2, 1, '/b'), aMount(3, 3, '/c')])), [2, 1, 3])
    const stack = Array.from({ length: 10_000 }, (_, index) => aMount(index + 1, index, '/a'))
    assert.deepEqual(ids(lowestFirst(stack.toReversed())), ids(stack))
  })
})

describe('mountOf', () => {
  it('finds the mount on top of those that a path lies on', () => {
    const mounts = [
      aMount(3, 2, '/a/b'),
      aMount(4, 2, '/a/bc'),
      aMount(2, 1, '/a'),
      aMount(1, 0, '/'),
      aMount(5, 3, '/a/b'),
    ]
    assert.equal(mountOf(mounts, '/a/b/c')?.id, 5)
    assert.equal(mountOf(mounts, '/a/b')?.id, 5)
    assert.equal(mountOf(mounts, '/a/x')?.id, 2)
    assert.equal(mountOf(mounts, '/x')?.id, 1)
    assert.equal(mountOf([], '/x'), undefined)
  })
})
