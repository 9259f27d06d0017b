import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { ContainerSpec, DataObject } from '../../../../src/model/kube.ts'
import {
  containerEnvironment,
  fileKey,
  type EnvironmentFacts,
} from '../../../../src/translate/environment/container-environment.ts'
import { dataKey } from '../../../../src/translate/environment/data-refs.ts'
import { aService, environmentFacts, known, mapRef, secretRef } from '../../../builders/environment.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

type Part = Pick<ContainerSpec, 'env' | 'envFrom'>

const absent = new KubeletError('not-found', 'configmap "absent" not found')
const forbidden = new KubeletError('internal', 'failed to sync secret cache: timed out waiting for the condition')
const file = { volumeName: 'shared', path: 'a.env', key: 'K' }
const facts = environmentFacts({
  objects: new Map<string, DataObject | KubeletError>([
    known(mapRef('settings'), { color: 'red', 'odd key.1': '$(color)', size: '' }),
    known(secretRef('login'), { user: 'anna', color: 'blüe' }),
    [dataKey(mapRef('absent')), absent],
    [dataKey(secretRef('slow')), forbidden],
    [
      dataKey(mapRef('empty')),
      { metadata: { namespace: 'default', name: 'empty', uid: 'u' }, binaryData: { b: 'AA==' } },
    ],
  ]),
  fileValues: new Map([[fileKey(file), { file: '/pods/a.env', value: 'from file' }]]),
  services: [aService('web', [{ port: 80, protocol: 'TCP' }])],
})
const links = ['WEB_SERVICE_HOST', 'WEB_SERVICE_PORT', 'WEB_PORT', 'WEB_PORT_80_TCP']
const isLink = (name: string): boolean => links.some((start) => name.startsWith(start))

/** What the container itself brings: without what Services add. */
function own(part: Part, change: Partial<EnvironmentFacts> = {}): Readonly<Record<string, string>> {
  const environment = containerEnvironment(aPod(), aContainer(part), { ...facts, ...change })
  return Object.fromEntries([...environment].filter(([name]) => !isLink(name)))
}

interface Row {
  readonly title: string
  readonly part: Part
  readonly expected: Readonly<Record<string, string>>
}

const rows: readonly Row[] = [
  { title: 'nothing of nothing', part: {}, expected: {} },
  {
    title: 'values that refer to those before them, and not to themselves or those behind them',
    part: {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)2 $(B) $(C)' },
        { name: 'C', value: '$(B)3' },
      ],
    },
    expected: { A: '1', B: '12 $(B) $(C)', C: '12 $(B) $(C)3' },
  },
  {
    title: 'the later of two of one name, which may refer to the one before',
    part: {
      env: [
        { name: 'A', value: 'first' },
        { name: 'A', value: '$(A) and second' },
      ],
    },
    expected: { A: 'first and second' },
  },
  {
    title: 'an empty value where there is none',
    part: { env: [{ name: 'A' }, { name: 'B', valueFrom: {} }] },
    expected: { A: '', B: '' },
  },
  {
    title: 'names and values as they are, equals signs and blanks included',
    part: { env: [{ name: 'with blank: and', value: 'a=b "c"\n' }] },
    expected: { 'with blank: and': 'a=b "c"\n' },
  },
  {
    title: 'every key of a ConfigMap, whatever it is called, and nothing expanded in it',
    part: { envFrom: [{ configMapRef: { name: 'settings' } }] },
    expected: { color: 'red', 'odd key.1': '$(color)', size: '' },
  },
  {
    title: 'every key of a Secret, decoded, with a prefix',
    part: { envFrom: [{ prefix: 'P_', secretRef: { name: 'login' } }] },
    expected: { P_user: 'anna', P_color: 'blüe' },
  },
  {
    title: 'of two sources the later, and env before both',
    part: {
      envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'login' } }],
      env: [{ name: 'user', value: '$(user)+$(color)' }],
    },
    expected: { color: 'blüe', 'odd key.1': '$(color)', size: '', user: 'anna+blüe' },
  },
  {
    title: 'no binary data, and nothing of an optional source that is not there',
    part: {
      envFrom: [{ configMapRef: { name: 'empty' } }, { configMapRef: { name: 'absent', optional: true } }],
    },
    expected: {},
  },
  {
    title: 'one key of a ConfigMap and of a Secret, under another name',
    part: {
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'login', key: 'user' } } },
        { name: 'C', valueFrom: { configMapKeyRef: { name: 'settings', key: 'size' } } },
      ],
    },
    expected: { A: 'red', B: 'anna', C: '' },
  },
  {
    title: 'no variable for an optional key that is not there: what was before stays',
    part: {
      envFrom: [{ configMapRef: { name: 'settings' } }],
      env: [
        { name: 'color', valueFrom: { secretKeyRef: { name: 'login', key: 'none', optional: true } } },
        { name: 'size', valueFrom: { configMapKeyRef: { name: 'absent', key: 'any', optional: true } } },
        { name: 'other', valueFrom: { configMapKeyRef: { name: 'absent', key: 'any', optional: true } } },
      ],
    },
    expected: { color: 'red', 'odd key.1': '$(color)', size: '' },
  },
  {
    title: 'a value that is there before one from elsewhere, which is not looked at',
    part: { env: [{ name: 'A', value: 'own', valueFrom: { configMapKeyRef: { name: 'absent', key: 'any' } } }] },
    expected: { A: 'own' },
  },
  {
    title: 'fields of the Pod, resources of the container and entries of files',
    part: {
      env: [
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'F', valueFrom: { fileKeyRef: file } },
        { name: 'ALL', value: '$(IP) $(CPUS) $(F)' },
      ],
    },
    expected: { IP: '10.1.0.7', CPUS: '4', F: 'from file', ALL: '10.1.0.7 4 from file' },
  },
]

describe('the environment of a container has', () => {
  for (const { title, part, expected } of rows) it(title, () => assert.deepEqual(own(part), expected))

  it('what Services add, behind its own and overridden by it, and values that refer to it', () => {
    const env = [
      { name: 'URL', value: 'http://$(WEB_SERVICE_HOST)' },
      { name: 'WEB_PORT', value: 'mine' },
    ]
    const environment = containerEnvironment(aPod(), aContainer({ env }), facts)
    assert.deepEqual([...environment].slice(0, 4), [
      ['URL', 'http://10.96.0.10'],
      ['WEB_PORT', 'mine'],
      ['WEB_SERVICE_HOST', '10.96.0.10'],
      ['WEB_SERVICE_PORT', '80'],
    ])
    assert.equal(environment.size, 8)
  })

  it('no entry for an optional key of a file that has none', () => {
    const fileValues = new Map([[fileKey(file), { file: '/pods/a.env', value: '' }]])
    const env = [{ name: 'A', valueFrom: { fileKeyRef: { ...file, optional: true } } }]
    assert.deepEqual(own({ env }, { fileValues }), {})
  })
})

interface Fault {
  readonly title: string
  readonly part: Part
  readonly change?: Partial<EnvironmentFacts>
  readonly message: string
}

const faults: readonly Fault[] = [
  {
    title: 'a source is not there',
    part: { envFrom: [{ configMapRef: { name: 'absent' } }] },
    message: 'configmap "absent" not found',
  },
  {
    title: 'a source could not be read, be it optional or not',
    part: { envFrom: [{ secretRef: { name: 'slow', optional: true } }] },
    message: forbidden.message,
  },
  {
    title: 'the object of a key is not there',
    part: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'absent', key: 'k' } } }] },
    message: 'configmap "absent" not found',
  },
  {
    title: 'a ConfigMap has no such key',
    part: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none' } } }] },
    message: "couldn't find key none in ConfigMap default/settings",
  },
  {
    title: 'a Secret has no such key',
    part: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'none' } } }] },
    message: "couldn't find key none in Secret default/login",
  },
  {
    title: 'a key stands only among the binary data of a ConfigMap',
    part: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'empty', key: 'b' } } }] },
    message: "couldn't find key b in ConfigMap default/empty",
  },
  {
    title: 'a file has no such entry',
    part: { env: [{ name: 'A', valueFrom: { fileKeyRef: file } }] },
    change: { fileValues: new Map([[fileKey(file), { file: '/pods/a.env', value: '' }]]) },
    message: 'environment variable key "K" not found in file "/pods/a.env"',
  },
  {
    title: 'a file could not be read, be the variable optional or not',
    part: { env: [{ name: 'A', valueFrom: { fileKeyRef: { ...file, optional: true } } }] },
    change: { fileValues: new Map([[fileKey(file), new KubeletError('invalid', "couldn't parse env file")]]) },
    message: "couldn't parse env file",
  },
  {
    title: 'Services have not been read yet',
    part: {},
    change: { services: undefined },
    message: 'services have not yet been read at least once, cannot construct envvars',
  },
]

describe('there is no environment where', () => {
  for (const { title, part, change, message } of faults) {
    it(title, () => assert.throws(() => own(part, change), { name: 'KubeletError', message, status: undefined }))
  }

  it('the Pod does not say whether it links Services', () => {
    const { enableServiceLinks: _, ...spec } = aPod().spec
    const message = 'nil pod.spec.enableServiceLinks encountered, cannot construct envvars'
    assert.throws(() => containerEnvironment({ ...aPod(), spec }, aContainer(), facts), { message })
  })

  it('two things are wrong: the first is told', () => {
    const part: Part = {
      envFrom: [{ secretRef: { name: 'slow' } }, { configMapRef: { name: 'absent' } }],
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'none' } } }],
    }
    assert.throws(() => own(part), { message: forbidden.message })
  })
})
