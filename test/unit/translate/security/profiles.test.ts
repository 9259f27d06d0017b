import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { appArmorOptions } from '../../../../src/translate/security/app-armor.ts'
import { seccompProfile, type SeccompProfile } from '../../../../src/translate/security/seccomp.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

interface Asked {
  readonly own?: NonNullable<ContainerSpec['securityContext']>
  readonly shared?: NonNullable<PodSpec['securityContext']>
  readonly annotations?: Readonly<Record<string, string>>
}

describe('The seccomp profile of a container', () => {
  const ofPod = 'seccomp.security.alpha.kubernetes.io/pod'
  const ofContainer = 'container.seccomp.security.alpha.kubernetes.io/main'
  const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }
  const fromFile = { [configSourceAnnotation]: 'file' }
  const profile = ({ own = {}, shared = {}, annotations = {} }: Asked, seccompDefault = false): SeccompProfile =>
    seccompProfile(
      aPod({ metadata: { annotations: { ...fromFile, ...annotations } }, spec: { securityContext: shared } }),
      aContainer({ securityContext: own }),
      { paths, seccompDefault },
    )
  const file = (path: string): SeccompProfile => ({ kind: 'file', path })
  const runtimeDefault: SeccompProfile = { kind: 'runtime-default' }
  const unconfined: SeccompProfile = { kind: 'unconfined' }
  const field = (type: string, localhostProfile?: string) => ({
    seccompProfile: { type, ...(localhostProfile === undefined ? {} : { localhostProfile }) },
  })

  const rows: readonly (readonly [string, Asked, SeccompProfile])[] = [
    ['none where none is asked for', {}, unconfined],
    ["Docker's own", { own: field('RuntimeDefault') }, runtimeDefault],
    ['none when it asks for none', { own: field('Unconfined'), shared: field('RuntimeDefault') }, unconfined],
    ["its Pod's", { shared: field('RuntimeDefault') }, runtimeDefault],
    [
      "a file below the node's folder of profiles",
      { own: field('Localhost', 'team/a.json') },
      file('/var/lib/minikubelet/seccomp/team/a.json'),
    ],
    [
      'that of its field rather than of its annotation',
      { own: field('RuntimeDefault'), annotations: { [ofContainer]: 'unconfined' } },
      runtimeDefault,
    ],
    [
      "that of its annotation rather than of its Pod's field",
      { shared: field('Unconfined'), annotations: { [ofContainer]: 'runtime/default' } },
      runtimeDefault,
    ],
    [
      "that of its Pod's field rather than of its Pod's annotation",
      { shared: field('RuntimeDefault'), annotations: { [ofPod]: 'unconfined' } },
      runtimeDefault,
    ],
    ["that of its Pod's annotation", { annotations: { [ofPod]: 'docker/default' } }, runtimeDefault],
    [
      'a file that its annotation names',
      { annotations: { [ofContainer]: 'localhost/b.json' } },
      file('/var/lib/minikubelet/seccomp/b.json'),
    ],
    [
      "not that of another container's annotation",
      { annotations: { [`${ofContainer}2`]: 'runtime/default' } },
      unconfined,
    ],
  ]
  for (const [title, asked, expected] of rows) it(`is ${title}`, () => assert.deepEqual(profile(asked), expected))

  it("is Docker's own where none is asked for on a node whose default that is", () => {
    assert.deepEqual(profile({}, true), runtimeDefault)
    assert.deepEqual(profile({ shared: field('Unconfined') }, true), unconfined)
  })

  it('is none by the annotation of a Pod from a server, which makes a field of it where it counts', () => {
    const annotations = {
      [configSourceAnnotation]: 'api',
      [ofContainer]: 'runtime/default',
      [ofPod]: 'runtime/default',
    }
    assert.deepEqual(profile({ annotations }), unconfined)
  })

  it('must have a name to be a file', () => {
    for (const own of [field('Localhost'), field('Localhost', '')]) {
      assert.throws(() => profile({ own }), {
        code: 'invalid',
        message: 'localhostProfile must be set if seccompProfile type is Localhost.',
      })
    }
  })
})

describe('The AppArmor profile of a container', () => {
  const annotation = 'container.apparmor.security.beta.kubernetes.io/main'
  const options = ({ own = {}, shared = {}, annotations = {} }: Asked): readonly string[] =>
    appArmorOptions(
      aPod({ metadata: { annotations }, spec: { securityContext: shared } }),
      aContainer({ securityContext: own }),
    )
  const field = (type: string, localhostProfile?: string) => ({
    appArmorProfile: { type, ...(localhostProfile === undefined ? {} : { localhostProfile }) },
  })

  const rows: readonly (readonly [string, Asked, readonly string[]])[] = [
    ["Docker's own where none is asked for", {}, []],
    ["Docker's own", { own: field('RuntimeDefault'), shared: field('Unconfined') }, []],
    ['none', { own: field('Unconfined') }, ['apparmor=unconfined']],
    ["its Pod's", { shared: field('Localhost', 'web') }, ['apparmor=web']],
    [
      'that of its field rather than of its annotation',
      { own: field('Localhost', 'a'), annotations: { [annotation]: 'localhost/b' } },
      ['apparmor=a'],
    ],
    [
      "that of its annotation rather than of its Pod's field",
      { shared: field('Localhost', 'a'), annotations: { [annotation]: 'localhost/b' } },
      ['apparmor=b'],
    ],
    ['none by annotation', { annotations: { [annotation]: 'unconfined' } }, ['apparmor=unconfined']],
    [
      "Docker's own by annotation",
      { shared: field('Unconfined'), annotations: { [annotation]: 'runtime/default' } },
      [],
    ],
    [
      "its Pod's where the annotation is none",
      { shared: field('Localhost', 'a'), annotations: { [annotation]: 'b' } },
      ['apparmor=a'],
    ],
  ]
  for (const [title, asked, expected] of rows) it(`is ${title}`, () => assert.deepEqual(options(asked), expected))

  it('must have a name, and be of a known type', () => {
    const message = 'missing localhost apparmor profile name'
    assert.throws(() => options({ own: field('Localhost') }), { code: 'invalid', message })
    const unknown = 'unknown apparmor profile type: "Odd"'
    assert.throws(() => options({ own: field('Odd') }), { code: 'invalid', message: unknown })
  })
})
