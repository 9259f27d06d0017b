import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultPod } from '../../../src/manifest/default-pod.ts'
import type { Pod } from '../../../src/model/kube.ts'

const bare: Pod = {
  metadata: { name: 'web', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'main', image: 'nginx' }] },
}

/** What defaulting makes of a spec that differs from the bare one in `change`. */
function defaulted(change: Partial<Pod['spec']>): Pod['spec'] {
  return defaultPod({ ...bare, spec: { ...bare.spec, ...change } }).spec
}

type Container = Pod['spec']['containers'][number]

function container(change: Partial<Container>, spec: Partial<Pod['spec']> = {}): Container | undefined {
  return defaulted({ ...spec, containers: [{ name: 'main', image: 'nginx', ...change }] }).containers[0]
}

describe('defaultPod', () => {
  it('fills in a bare Pod', () => {
    assert.deepEqual(defaultPod(bare), {
      ...bare,
      spec: {
        restartPolicy: 'Always',
        dnsPolicy: 'ClusterFirst',
        terminationGracePeriodSeconds: 30,
        schedulerName: 'default-scheduler',
        enableServiceLinks: true,
        securityContext: {},
        containers: [
          {
            name: 'main',
            image: 'nginx',
            imagePullPolicy: 'Always',
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            resources: {},
          },
        ],
      },
    })
  })

  it('changes nothing that is given, and nothing the second time', () => {
    const full = defaulted({
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      hostNetwork: true,
      initContainers: [{ name: 'init', image: 'busybox:1', terminationMessagePolicy: 'FallbackToLogsOnError' }],
      containers: [
        {
          name: 'main',
          image: 'nginx',
          imagePullPolicy: 'Never',
          ports: [{ containerPort: 80, protocol: 'UDP' }],
          livenessProbe: { httpGet: { port: 80 }, periodSeconds: 3 },
          resources: { limits: { cpu: '1' } },
        },
      ],
      volumes: [{ name: 'a' }, { name: 'b', hostPath: { path: '/b', type: 'File' } }],
    })
    assert.equal(full.restartPolicy, 'Never')
    assert.equal(full.terminationGracePeriodSeconds, 0)
    assert.equal(full.containers[0]?.imagePullPolicy, 'Never')
    assert.equal(full.initContainers?.[0]?.terminationMessagePolicy, 'FallbackToLogsOnError')
    assert.deepEqual(defaulted(full), full)
  })

  it('pulls a tag other than latest only if it is not there', () => {
    const policies = ['nginx', 'nginx:latest', 'nginx:1', 'host:5000/nginx'].map(
      (image) => container({ image })?.imagePullPolicy,
    )
    assert.deepEqual(policies, ['Always', 'Always', 'IfNotPresent', 'Always'])
  })

  it('gives ports a protocol, and on the host’s network the host’s port', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }]
    assert.deepEqual(container({ ports })?.ports, [
      { containerPort: 80, protocol: 'TCP' },
      { containerPort: 81, hostPort: 82, protocol: 'TCP' },
    ])
    assert.deepEqual(container({ ports }, { hostNetwork: true })?.ports, [
      { containerPort: 80, hostPort: 80, protocol: 'TCP' },
      { containerPort: 81, hostPort: 82, protocol: 'TCP' },
    ])
  })

  it('makes requests of limits', () => {
    const resources = { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } }
    assert.deepEqual(container({ resources })?.resources, { ...resources, requests: { cpu: '1', memory: '1Gi' } })
  })

  it('takes zeros and empty texts of a probe for nothing', () => {
    const filled = container({
      livenessProbe: { httpGet: { port: 80, path: '', scheme: '' }, timeoutSeconds: 0, successThreshold: 0 },
    })
    assert.partialDeepStrictEqual(filled?.livenessProbe, {
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      successThreshold: 1,
    })
  })

  it('fills in probes and hooks', () => {
    const filled = container({
      livenessProbe: { tcpSocket: { port: 80 } },
      readinessProbe: { httpGet: { port: 80, path: '/ready' }, timeoutSeconds: 5 },
      startupProbe: { grpc: { port: 9 } },
      lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { exec: { command: ['true'] } } },
    })
    assert.ok(filled)
    const times = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
    assert.deepEqual(filled.livenessProbe, { ...times, tcpSocket: { port: 80 } })
    assert.deepEqual(filled.readinessProbe, {
      ...times,
      timeoutSeconds: 5,
      httpGet: { port: 80, path: '/ready', scheme: 'HTTP' },
    })
    assert.deepEqual(filled.startupProbe, { ...times, grpc: { port: 9, service: '' } })
    assert.deepEqual(filled.lifecycle, {
      preStop: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } },
      postStart: { exec: { command: ['true'] } },
    })
  })

  it('gives references to the Pod’s own fields an API version', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ]
    assert.deepEqual(container({ env })?.env, [
      { name: 'A', value: '1' },
      { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ])
  })

  it('fills in volumes', () => {
    const item = { path: 'name', fieldRef: { fieldPath: 'metadata.name' } }
    const filled = defaulted({
      volumes: [
        { name: 'none' },
        { name: 'host', hostPath: { path: '/x' } },
        { name: 'secret', secret: { secretName: 's' } },
        { name: 'config', configMap: { name: 'c', defaultMode: 256 } },
        {
          name: 'downward',
          downwardAPI: { items: [item, { path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } }] },
        },
        {
          name: 'projected',
          projected: { sources: [{ serviceAccountToken: { path: 't' } }, { downwardAPI: { items: [item] } }] },
        },
        { name: 'image', image: { reference: 'data:1' } },
      ],
    }).volumes
    const full = { path: 'name', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }
    assert.deepEqual(filled, [
      { name: 'none', emptyDir: {} },
      { name: 'host', hostPath: { path: '/x', type: '' } },
      { name: 'secret', secret: { secretName: 's', defaultMode: 0o644 } },
      { name: 'config', configMap: { name: 'c', defaultMode: 256 } },
      {
        name: 'downward',
        downwardAPI: {
          defaultMode: 0o644,
          items: [full, { path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } }],
        },
      },
      {
        name: 'projected',
        projected: {
          defaultMode: 0o644,
          sources: [
            { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
            { downwardAPI: { items: [full] } },
          ],
        },
      },
      { name: 'image', image: { reference: 'data:1', pullPolicy: 'IfNotPresent' } },
    ])
  })

  it('has what is asked for the Pod as a whole follow from its limits and its containers', () => {
    const whole = (resources: Pod['spec']['resources'], own: Pod['spec']['resources'] = {}): Pod['spec']['resources'] =>
      defaulted({ containers: [{ name: 'main', image: 'nginx', resources: own }], ...(resources && { resources }) })
        .resources
    assert.equal(whole(undefined, { requests: { cpu: '1' } }), undefined)
    assert.deepEqual(whole({ requests: { cpu: '2' } }, { requests: { cpu: '1', memory: '1Gi' } }), {
      requests: { cpu: '2' },
    })
    assert.deepEqual(whole({ limits: { cpu: '2', memory: '1Gi' } }, { requests: { cpu: '500m' } }), {
      limits: { cpu: '2', memory: '1Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
    assert.deepEqual(whole({ limits: { cpu: '2' } }, { limits: { 'hugepages-2Mi': '4Mi' } }), {
      limits: { 'hugepages-2Mi': '4Mi', cpu: '2' },
      requests: { 'hugepages-2Mi': '4Mi', cpu: '2' },
    })
  })
})
