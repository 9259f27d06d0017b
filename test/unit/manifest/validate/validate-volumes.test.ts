import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeSpec } from '../../../../src/model/kube.ts'
import { specFaults } from '../manifests.ts'

const v = 'spec.volumes[0]'
const badMode = 'must be a number between 0 and 0777 (octal), both inclusive'

describe('a Pod’s volumes', () => {
  const cases: readonly (readonly [string, VolumeSpec, readonly string[]])[] = [
    ['may be empty folders', { name: 'a', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }, []],
    ['need a name', { name: '', emptyDir: {} }, [`${v}.name: Required value`]],
    ['need a source', { name: 'a' }, [`${v}: Required value: must specify a volume type`]],
    [
      'have one source',
      { name: 'a', emptyDir: {}, hostPath: { path: '/a' } },
      [`${v}.hostPath: Forbidden: may not specify more than 1 volume type`],
    ],
    ['of the host need a path', { name: 'a', hostPath: { path: '' } }, [`${v}.hostPath.path: Required value`]],
    [
      'of the host lead nowhere else',
      { name: 'a', hostPath: { path: '/a/../b' } },
      [`${v}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
    ],
    [
      'of the host have types that there are',
      { name: 'a', hostPath: { path: '/a', type: 'Dir' } },
      [
        `${v}.hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
      ],
    ],
    [
      'have sizes that there can be',
      { name: 'a', emptyDir: { sizeLimit: '-1' } },
      [`${v}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity`],
    ],
    ['out of an image say which', { name: 'a', image: { reference: '' } }, [`${v}.image.reference: Required value`]],
    [
      'out of an image are pulled by a policy that there is',
      { name: 'a', image: { reference: 'x', pullPolicy: 'Sometimes' } },
      [`${v}.image.pullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`],
    ],
    [
      'of another machine need a server and a path from its root',
      { name: 'a', nfs: { server: '', path: 'b' } },
      [`${v}.nfs.server: Required value`, `${v}.nfs.path: Invalid value: "b": must be an absolute path`],
    ],
    [
      'of the Pod itself have modes that there are',
      { name: 'a', downwardAPI: { defaultMode: 0o1000 } },
      [`${v}.downwardAPI.defaultMode: Invalid value: 512: ${badMode}`],
    ],
  ]
  for (const [sentence, volume, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(specFaults({ volumes: [volume] }), expected)
    })
  }

  it('have names of their own', () => {
    const volume = { name: 'a', emptyDir: {} }
    assert.deepEqual(specFaults({ volumes: [volume, volume] }), ['spec.volumes[1].name: Duplicate value: "a"'])
  })
})

/** What is wrong with a volume of a static Pod, but for what it may not refer to. */
function sourceFaults(source: Omit<VolumeSpec, 'name'>): readonly string[] {
  const faults = specFaults({ volumes: [{ name: 'a', ...source }] })
  return faults.filter((fault) => !fault.includes('static pods may not reference'))
}

describe('the files of a volume', () => {
  const items = `${v}.configMap.items[0]`
  const files: readonly (readonly [string, { key: string; path: string; mode?: number }, readonly string[]])[] = [
    ['lie anywhere below the volume', { key: 'k', path: 'a/b..c/d', mode: 0o777 }, []],
    ['are of a key', { key: '', path: 'a' }, [`${items}.key: Required value`]],
    ['have names', { key: 'k', path: '' }, [`${items}.path: Required value`]],
    ['lie nowhere else', { key: 'k', path: '/a' }, [`${items}.path: Invalid value: "/a": must be a relative path`]],
    [
      'do not lie above the volume',
      { key: 'k', path: 'a/../../b' },
      [`${items}.path: Invalid value: "a/../../b": must not contain '..'`],
    ],
    [
      'are not named as the node names its own',
      { key: 'k', path: '..data' },
      [`${items}.path: Invalid value: "..data": must not start with '..'`],
    ],
    [
      'have modes of nine bits',
      { key: 'k', path: 'a', mode: 0o1777 },
      [`${items}.mode: Invalid value: 1023: ${badMode}`],
    ],
    [
      'have modes of at least none',
      { key: 'k', path: 'a', mode: -1 },
      [`${items}.mode: Invalid value: -1: ${badMode}`],
    ],
  ]
  for (const [sentence, item, expected] of files) {
    it(sentence, () => {
      assert.deepEqual(sourceFaults({ configMap: { name: 'x', items: [item] } }), expected)
      const ofSecret = expected.map((fault) => fault.replace('configMap', 'secret'))
      assert.deepEqual(sourceFaults({ secret: { secretName: 'x', items: [item] } }), ofSecret)
    })
  }

  it('come from an object with a name', () => {
    assert.deepEqual(sourceFaults({ configMap: {} }), [`${v}.configMap.name: Required value`])
    assert.deepEqual(sourceFaults({ secret: { defaultMode: 0o1000 } }), [
      `${v}.secret.secretName: Required value`,
      `${v}.secret.defaultMode: Invalid value: 512: ${badMode}`,
    ])
    assert.deepEqual(sourceFaults({ persistentVolumeClaim: { claimName: '' } }), [
      `${v}.persistentVolumeClaim.claimName: Required value`,
    ])
  })
})

describe('the files about the Pod itself', () => {
  type File = NonNullable<NonNullable<VolumeSpec['downwardAPI']>['items']>[number]
  const at = `${v}.downwardAPI.items[0]`
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.labels' }
  const resourceFieldRef = { containerName: 'main', resource: 'limits.cpu' }
  const cases: readonly (readonly [string, File, readonly string[]])[] = [
    ['may be all its labels', { path: 'a', fieldRef }, []],
    ['may be a resource of a container', { path: 'a', resourceFieldRef }, []],
    ['are of something', { path: 'a' }, [`${at}: Required value: one of fieldRef and resourceFieldRef is required`]],
    [
      'are of one thing',
      { path: 'a', fieldRef, resourceFieldRef },
      [`${at}: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously`],
    ],
    [
      'say whose resource',
      { path: 'a', resourceFieldRef: { resource: 'limits.cpu' } },
      [`${at}.resourceFieldRef.containerName: Required value`],
    ],
    [
      'are of no field that only a variable has',
      { path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } },
      [
        `${at}.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
      ],
    ],
    [
      'have names and modes as others',
      { path: '', fieldRef, mode: 0o1000 },
      [`${at}.path: Required value`, `${at}.mode: Invalid value: 512: ${badMode}`],
    ],
  ]
  for (const [sentence, file, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(specFaults({ volumes: [{ name: 'a', downwardAPI: { items: [file] } }] }), expected)
    })
  }
})

describe('a volume of several sources', () => {
  type Source = NonNullable<NonNullable<VolumeSpec['projected']>['sources']>[number]
  const p = `${v}.projected`
  const about = { path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }
  const token = { path: 'token', expirationSeconds: 3600 }
  const cases: readonly (readonly [string, readonly Source[], readonly string[]])[] = [
    ['may have none', [], []],
    [
      'has sources of one type each',
      [{ configMap: { name: 'x' }, secret: { name: 'y' } }],
      [`${p}.sources[0]: Forbidden: may not specify more than 1 volume type per source`],
    ],
    ['names its objects', [{ secret: {} }], [`${p}.sources[0].secret.name: Required value`]],
    [
      'writes no file twice',
      [
        { downwardAPI: { items: [about] } },
        { secret: { name: 'x', items: [{ key: 'k', path: 'a' }] } },
        { downwardAPI: { items: [about] } },
      ],
      [
        `${p}: Invalid value: "x": conflicting duplicate paths`,
        `${p}: Invalid value: "a": conflicting duplicate paths`,
      ],
    ],
    [
      'has tokens that live for ten minutes at least',
      [{ serviceAccountToken: { ...token, expirationSeconds: 599 } }],
      [
        `${p}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
      ],
    ],
    [
      'has tokens that do not live for ever',
      [{ serviceAccountToken: { ...token, expirationSeconds: 2 ** 32 + 1 } }],
      [
        `${p}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
      ],
    ],
    [
      'has its tokens in files below it',
      [{ serviceAccountToken: { ...token, path: '../token' } }],
      [`${p}.sources[0].serviceAccountToken.path: Invalid value: "../token": must not contain '..'`],
    ],
    [
      'has its bundles in files',
      [{ clusterTrustBundle: { name: 'x', path: '' } }],
      [`${p}.sources[0].clusterTrustBundle.path: Required value`],
    ],
  ]
  for (const [sentence, sources, expected] of cases) {
    it(sentence, () => {
      assert.deepEqual(sourceFaults({ projected: { sources } }), expected)
    })
  }

  it('has modes as others', () => {
    assert.deepEqual(sourceFaults({ projected: { defaultMode: -1, sources: [] } }), [
      `${p}.defaultMode: Invalid value: -1: ${badMode}`,
    ])
  })
})
