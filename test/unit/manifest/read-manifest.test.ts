import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { origin, podsOf, webManifest } from './manifests.ts'

function message(text: string): string {
  const read = readManifest('web.yaml', text, origin)
  assert.equal(read.kind, 'invalid')
  return read.message
}

const uid = podsOf(webManifest)[0]?.metadata.uid ?? ''

const webPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-node-a',
    namespace: 'default',
    uid,
    annotations: {
      'kubernetes.io/config.hash': uid,
      'kubernetes.io/config.source': 'file',
      'kubernetes.io/config.seen': '2023-11-14T22:13:20.123000000Z',
    },
  },
  spec: {
    nodeName: 'node-a',
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    securityContext: {},
    tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    containers: [
      {
        name: 'main',
        image: 'nginx:1.25',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      },
    ],
  },
  status: { phase: 'Pending' },
}

describe('a manifest', () => {
  it('becomes a static Pod with an identity and every default', () => {
    assert.deepEqual(readManifest('web.yaml', webManifest, origin), { kind: 'pods', pods: [webPod], warnings: [] })
  })

  it('says the same in JSON', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'main', image: 'nginx:1.25' }] },
    }
    assert.deepEqual(podsOf(JSON.stringify(object)), [webPod])
    assert.deepEqual(podsOf(JSON.stringify(object, null, '\t')), [webPod])
  })

  it('may be several documents, a PodList or a List', () => {
    const second = webManifest.replace('name: web', 'name: other')
    const names = (text: string): readonly string[] => podsOf(text).map(({ metadata }) => metadata.name)
    const item = (text: string): string => text.replace(/^/u, '- ').replaceAll(/\n(?=.)/gu, '\n  ')
    const bare = item(webManifest.replace('apiVersion: v1\nkind: Pod\n', ''))
    assert.deepEqual(names(`${webManifest}---\n${second}`), ['web-node-a', 'other-node-a'])
    assert.deepEqual(names(`apiVersion: v1\nkind: PodList\nitems:\n${bare}`), ['web-node-a'])
    assert.deepEqual(names(`apiVersion: v1\nkind: List\nitems:\n${item(webManifest)}${item(second)}`), [
      'web-node-a',
      'other-node-a',
    ])
  })

  it('keeps a UID and a namespace of its own', () => {
    const [pod] = podsOf(webManifest.replace('name: web', 'name: web\n  uid: my-own\n  namespace: kube-system'))
    assert.deepEqual([pod?.metadata.uid, pod?.metadata.namespace], ['my-own', 'kube-system'])
  })

  it('takes null for a field that is not there, and numbers for quantities', () => {
    const [pod] = podsOf(`${webManifest}      command: null\n      resources: { limits: { cpu: 0.5, memory: 64Mi } }\n`)
    const resources = { limits: { cpu: '0.5', memory: '64Mi' }, requests: { cpu: '0.5', memory: '64Mi' } }
    assert.deepEqual(pod?.spec.containers, [{ ...webPod.spec.containers[0], resources }])
  })

  it('may use everything that a static Pod can have', () => {
    const text = `${webManifest}      command: [sh]
      args: ["-c", "true"]
      workingDir: /srv
      imagePullPolicy: Never
      terminationMessagePolicy: FallbackToLogsOnError
      ports: [{ name: web, containerPort: 80, hostPort: 8080, protocol: TCP, hostIP: 127.0.0.1 }, { containerPort: 81 }]
      env: [{ name: A, value: a }, { name: B, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
      resources: { limits: { cpu: 1, memory: 1Gi }, requests: { cpu: 500m } }
      livenessProbe: { httpGet: { port: web }, terminationGracePeriodSeconds: 5 }
      readinessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 }
      startupProbe: { exec: { command: ["true"] } }
      lifecycle: { preStop: { sleep: { seconds: 1 } } }
      securityContext: { privileged: true, runAsUser: 0, seccompProfile: { type: RuntimeDefault } }
      volumeMounts: [{ name: data, mountPath: /data, subPath: a/b, mountPropagation: Bidirectional }]
  initContainers: [{ name: init, image: busybox }]
  volumes:
    - { name: data, hostPath: { path: /data, type: DirectoryOrCreate } }
    - { name: empty, emptyDir: { sizeLimit: 1Gi } }
  hostname: web
  subdomain: pods
  hostPID: true
  activeDeadlineSeconds: 60
  dnsPolicy: None
  dnsConfig: { nameservers: [10.0.0.1], searches: [a.b], options: [{ name: ndots, value: "2" }] }
  hostAliases: [{ ip: 10.1.2.3, hostnames: [foo.remote] }]
  securityContext: { fsGroup: 1000, supplementalGroups: [1], sysctls: [{ name: net.core.somaxconn, value: "1" }] }
`
    const read = readManifest('web.yaml', text, origin)
    assert.deepEqual(read.kind === 'pods' ? read.warnings : read.message, [])
  })

  it('is warned about for fields that no Pod has', () => {
    const read = readManifest('web.yaml', `${webManifest}      commandd: [sh]\n  restartPolice: Never\n`, origin)
    const warnings = [
      'web.yaml, line 9: spec.containers[0].commandd: no such field, it is ignored, did you mean "command"?',
      'web.yaml, line 10: spec.restartPolice: no such field, it is ignored, did you mean "restartPolicy"?',
    ]
    assert.deepEqual(read, { kind: 'pods', pods: [webPod], warnings })
  })
})

describe('a manifest that cannot be used', () => {
  const refusals: readonly (readonly [string, string, string])[] = [
    ['is empty', '# nothing yet\n', 'web.yaml: is empty, a Pod is wanted'],
    ['is no object', 'hello\n', 'web.yaml, line 1: must be a Pod, not "hello"'],
    [
      'is no Pod',
      webManifest.replace('kind: Pod', 'kind: Deployment'),
      'web.yaml, line 2: kind: must be "Pod", "PodList" or "List", not "Deployment": only Pods can be static',
    ],
    [
      'does not say what it is',
      'apiVersion: v1\nspec: {}\n',
      'web.yaml, line 1: kind: must be "Pod", "PodList" or "List"',
    ],
    ['is of another version', webManifest.replace('v1', 'v2'), 'web.yaml, line 1: apiVersion: must be "v1", not "v2"'],
    ['is a list of nothing', 'apiVersion: v1\nkind: PodList\n', 'web.yaml, line 1: items: must be a list of Pods'],
    [
      'is a list of something else',
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n',
      'web.yaml, line 5: items[0].kind: must be "Pod", "PodList" or "List", not "Service": only Pods can be static',
    ],
    [
      'has a text where an object belongs',
      webManifest.replace('    - name: main\n      image: nginx:1.25', '    main'),
      'web.yaml, line 6: spec.containers: must be a list, not "main"',
    ],
    [
      'has a number where a text belongs',
      webManifest.replace('nginx:1.25', '1.25'),
      'web.yaml, line 8: spec.containers[0].image: must be a string, not 1.25; put it in quotes',
    ],
    [
      'has a text where a number belongs',
      `${webManifest}      ports: [{ containerPort: "80" }]\n`,
      'web.yaml, line 9: spec.containers[0].ports[0].containerPort: must be a whole number, not "80"',
    ],
    [
      'has a text where a switch belongs',
      webManifest.replace('spec:', 'spec:\n  hostNetwork: maybe'),
      'web.yaml, line 6: spec.hostNetwork: must be true or false, not "maybe"',
    ],
    [
      'has a switch where a text belongs',
      webManifest.replace('nginx:1.25', 'yes'),
      'web.yaml, line 8: spec.containers[0].image: must be a string, not true; put it in quotes',
    ],
    [
      'has a list where a text belongs',
      webManifest.replace('nginx:1.25', '[nginx]'),
      'web.yaml, line 8: spec.containers[0].image: must be a string, not a list',
    ],
    [
      'has a fraction where a port belongs',
      `${webManifest}      livenessProbe: { tcpSocket: { port: 1.5 } }\n`,
      'web.yaml, line 9: spec.containers[0].livenessProbe.tcpSocket.port: must be a whole number or a string, not 1.5',
    ],
    [
      'has nothing where an argument belongs',
      `${webManifest}      args: [null]\n`,
      'web.yaml, line 9: spec.containers[0].args[0]: must be a string, not empty',
    ],
    [
      'has a number where an object belongs',
      webManifest.replace('name: web', 'labels: 3'),
      'web.yaml, line 4: metadata.labels: must be an object, not 3',
    ],
    [
      'has an empty port',
      `${webManifest}      ports: [{}]\n`,
      'web.yaml, line 9: spec.containers[0].ports[0].containerPort: Required value',
    ],
    [
      'has an empty variable',
      `${webManifest}      env: [{}]\n`,
      'web.yaml, line 9: spec.containers[0].env[0].name: Required value',
    ],
    [
      'has an empty probe',
      `${webManifest}      startupProbe: { grpc: {} }\n`,
      'web.yaml, line 9: spec.containers[0].startupProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'has an empty volume',
      `${webManifest}  volumes: [{ name: a, hostPath: {} }]\n`,
      'web.yaml, line 9: spec.volumes[0].hostPath.path: Required value',
    ],
    [
      'has no name',
      webManifest.replace('name: web', 'labels: {}'),
      'web.yaml, line 3: metadata.name: Required value: name or generateName is required',
    ],
    [
      'ends in the middle',
      webManifest.slice(0, webManifest.indexOf('  containers')),
      'web.yaml, line 5: spec.containers: Required value',
    ],
  ]
  for (const [what, text, expected] of refusals) {
    it(`is refused when it ${what}`, () => {
      assert.equal(message(text), `Cannot use the manifest: ${expected}`)
    })
  }

  it('is refused with the line where it stops being YAML', () => {
    assert.match(
      message(`${webManifest}      args: ["a\n`),
      /^Cannot use the manifest: (?:\d faults:\n {2}- )?web\.yaml, line (?:9|10): /u,
    )
  })

  it('has all of its faults listed, those of every Pod in it', () => {
    const text = `${webManifest.replace('name: main', 'name: Main')}      imagePullPolicy: Maybe\n---\n${webManifest.replace('nginx:1.25', '" "')}`
    assert.equal(
      message(text).replaceAll(/a lowercase RFC 1123 label must[^\n]*/gu, '…'),
      [
        'Cannot use the manifest: 3 faults:',
        '  - web.yaml, line 7: spec.containers[0].name: Invalid value: "Main": …',
        '  - web.yaml, line 9: spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
        '  - web.yaml, line 18: spec.containers[0].image: Invalid value: " ": must not have leading or trailing whitespace',
      ].join('\n'),
    )
  })
})
