import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { containerUser, sandboxUser } from '../../../../src/translate/security/run-as.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'

type Own = NonNullable<ContainerSpec['securityContext']>
type Shared = NonNullable<PodSpec['securityContext']>

function user(own: Own, shared: Shared, image: string): string {
  return containerUser(aPod({ spec: { securityContext: shared } }), aContainer({ securityContext: own }), image)
}

describe('Whom a container runs as', () => {
  const rows: readonly (readonly [string, Own, Shared, image: string, expected: string])[] = [
    ['root, by number, where nobody says anything', {}, {}, '', '0'],
    ["its own user rather than its Pod's", { runAsUser: 1001 }, { runAsUser: 1000 }, '33', '1001'],
    ["its Pod's user rather than its image's", {}, { runAsUser: 1000 }, '33', '1000'],
    ['root when it says so, whatever the others say', { runAsUser: 0 }, { runAsUser: 1000 }, '33', '0'],
    ["its image's user by number", {}, {}, '33', '33'],
    ["its image's user by name", {}, {}, 'nginx', 'nginx'],
    ["its image's user without the group, as the kubelet sends it", {}, {}, '33:44', '33'],
    ["its image's user by name, without the group", {}, {}, 'nginx:nginx', 'nginx'],
    ['root where its image names a group only', {}, {}, ':44', '0'],
    ["its image's user as a Go integer prints it", {}, {}, '+0033', '33'],
    ["its image's user by name where the number overflows", {}, {}, '9223372036854775808', '9223372036854775808'],
    ["its own group rather than its Pod's", { runAsGroup: 3 }, { runAsUser: 1000, runAsGroup: 2 }, '', '1000:3'],
    ["its Pod's group", {}, { runAsUser: 1000, runAsGroup: 2 }, '', '1000:2'],
    ["the group with its image's user", { runAsGroup: 0 }, {}, 'nginx:nginx', 'nginx:0'],
    ["the group with root's number", { runAsGroup: 5 }, {}, '', '0:5'],
    ['anybody where root is not forbidden after all', { runAsNonRoot: false }, { runAsNonRoot: true }, '', '0'],
    ['its user who is not root', { runAsUser: 1 }, { runAsNonRoot: true }, '', '1'],
    ["its image's user who is not root", {}, { runAsNonRoot: true }, '2147483647', '2147483647'],
  ]
  for (const [title, own, shared, image, expected] of rows) {
    it(`is ${title}`, () => assert.equal(user(own, shared, image), expected))
  }

  const where = `(pod: "web_default(${aPodUid})", container: main)`
  const refused: readonly (readonly [string, Own, Shared, image: string, message: string])[] = [
    ['it is told to be root', { runAsUser: 0 }, {}, '33', "container's runAsUser breaks non-root policy"],
    ["its Pod's user is root", {}, { runAsUser: 0 }, '33', "container's runAsUser breaks non-root policy"],
    ['its image has no user', {}, {}, '', 'container has runAsNonRoot and image will run as root'],
    ["its image's user is root", {}, {}, '0:44', 'container has runAsNonRoot and image will run as root'],
    [
      'nobody can tell who that is',
      {},
      {},
      'nginx:nginx',
      'container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root',
    ],
    ...['2147483648', '-1'].map(
      (id) =>
        [
          `its image's user is ${id}`,
          {},
          {},
          id,
          `container has runAsNonRoot and image has an invalid user id (${id}). (Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive`,
        ] as const,
    ),
  ]
  for (const [title, own, shared, image, message] of refused) {
    it(`is nobody where root is forbidden and ${title}`, () => {
      const expected = { code: 'invalid', message: `${message} ${where}` }
      assert.throws(() => user({ ...own, runAsNonRoot: true }, shared, image), expected)
      assert.throws(() => user(own, { ...shared, runAsNonRoot: true }, image), expected)
    })
  }
})

describe('Whom a sandbox runs as', () => {
  const of = (securityContext: Shared): string | undefined => sandboxUser(aPod({ spec: { securityContext } }))

  it("is the Pod's user, in the Pod's group", () => {
    assert.equal(of({ runAsUser: 0 }), '0')
    assert.equal(of({ runAsUser: 1000, runAsGroup: 0 }), '1000:0')
  })

  it('is left to the image where the Pod names nobody', () => {
    assert.equal(of({ fsGroup: 3, runAsNonRoot: true }), undefined)
    assert.equal(sandboxUser(aPod()), undefined)
  })

  it('is nobody for a group without a user, as with cri-dockerd', () => {
    assert.throws(() => of({ runAsGroup: 3 }), {
      code: 'invalid',
      message: 'failed to make sandbox docker config for pod "web": runAsGroup is specified without a runAsUser',
    })
  })
})
