import type { PodManifest } from '../../support/test-pod.ts'
import { podManifest, staying } from '../../support/test-pod.ts'

/** What some of these Pods refer to. */
export const comparedObjects: readonly object[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour: 'red' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'passwords' }, stringData: { word: 'sesame' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'served' },
    spec: {
      ports: [
        { name: 'web', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    },
  },
]

/** Pods whose making the two kubelets are compared by: each about one subject. All of them become ready. */
export const comparedPods: readonly PodManifest[] = [
  podManifest('plain', [
    staying('main', {
      args: ['a', '$(GREETING)', '$$(GREETING)', '$(NOBODY)'],
      workingDir: '/tmp',
      env: [
        { name: 'GREETING', value: 'hello' },
        { name: 'TWICE', value: '$(GREETING) $(GREETING) $(LATER) $$(GREETING)' },
        { name: 'LATER', value: 'later' },
        { name: 'EMPTY' },
      ],
      ports: [{ name: 'web', containerPort: 8080 }],
    }),
    staying('terminal', { stdin: true, tty: true }),
    staying('typed', { stdin: true, stdinOnce: true }),
    staying('last-words', { terminationMessagePath: '/tmp/words', terminationMessagePolicy: 'FallbackToLogsOnError' }),
    { name: 'by-image', image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', stdin: true, tty: true },
  ]),
  podManifest('environment', [
    staying('main', {
      envFrom: [
        { configMapRef: { name: 'settings' } },
        { prefix: 'SECRET_', secretRef: { name: 'passwords' } },
        { configMapRef: { name: 'nobody', optional: true } },
      ],
      env: [
        { name: 'FROM_MAP', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
        { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 'passwords', key: 'word' } } },
        { name: 'NO_KEY', valueFrom: { secretKeyRef: { name: 'passwords', key: 'nobody', optional: true } } },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
        { name: 'POD_ACCOUNT', valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } },
        { name: 'CPU_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'MEMORY_REQUEST', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
        { name: 'colour', value: '$(FROM_MAP) and $(SERVED_SERVICE_PORT)' },
      ],
      resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { memory: '32Mi', cpu: '10m' } },
    }),
  ]),
  podManifest('no-services', [staying('main')], { enableServiceLinks: false }),
  podManifest('directed-by-the-image', [
    { name: 'all', image: 'peer-directed:1', imagePullPolicy: 'Never' },
    staying('command', { image: 'peer-directed:1', imagePullPolicy: 'Never' }),
    { name: 'args', image: 'peer-directed:1', imagePullPolicy: 'Never', args: ['sleep 86400'] },
    staying('others', {
      image: 'peer-directed:1',
      imagePullPolicy: 'Never',
      workingDir: '/tmp',
      env: [{ name: 'GREETING', value: 'pod' }],
      securityContext: { runAsUser: 7 },
    }),
    staying('named', { image: 'peer-named:1', imagePullPolicy: 'Never' }),
  ]),
  podManifest('initialized', [staying('main')], {
    initContainers: [{ ...staying('setup'), command: ['true'] }],
  }),
  podManifest('guaranteed', [
    staying('main', {
      resources: { limits: { cpu: '250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '64Mi' } },
    }),
  ]),
  podManifest('burstable', [
    staying('none'),
    staying('requests', { resources: { requests: { cpu: '100m', memory: '32Mi' } } }),
    staying('cpu-limit', { resources: { limits: { cpu: '1500m' }, requests: { cpu: '1' } } }),
    staying('memory-limit', { resources: { limits: { memory: '100M' }, requests: { memory: '10M' } } }),
    staying('tiny', { resources: { limits: { cpu: '1m' }, requests: { cpu: '1m' } } }),
  ]),
  podManifest('host-network', [staying('main')], { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
  podManifest('shared-pids', [staying('main')], { shareProcessNamespace: true }),
  podManifest('names', [staying('main')], {
    hostname: 'given',
    subdomain: 'below',
    hostAliases: [{ ip: '192.0.2.1', hostnames: ['one', 'two'] }],
    dnsPolicy: 'None',
    dnsConfig: {
      nameservers: ['192.0.2.53'],
      searches: ['one.example', 'two.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'rotate' }],
    },
  }),
  podManifest('dns-of-the-host', [staying('main')], { dnsPolicy: 'Default' }),
  podManifest('ports', [
    staying('main', {
      ports: [
        { containerPort: 80, hostPort: 28080 },
        { containerPort: 53, hostPort: 28053, protocol: 'UDP' },
        { containerPort: 81, hostPort: 28081, hostIP: '127.0.0.1' },
        { containerPort: 82 },
      ],
    }),
  ]),
  podManifest(
    'volumes',
    [
      staying('main', {
        volumeMounts: [
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'etc', mountPath: '/host-etc', readOnly: true },
        ],
      }),
    ],
    {
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'etc', hostPath: { path: '/etc', type: 'Directory' } },
      ],
    },
  ),
  podManifest('host-everything', [staying('main')], { hostNetwork: true, hostPID: true, hostIPC: true }),
  podManifest('host-network-ports', [staying('main', { ports: [{ containerPort: 28090 }] })], {
    hostNetwork: true,
    hostAliases: [{ ip: '192.0.2.1', hostnames: ['one'] }],
  }),
  podManifest('host-pids', [staying('main')], { hostPID: true }),
  podManifest('host-ipc', [staying('main')], { hostIPC: true }),
  podManifest('fully-named', [staying('main')], { subdomain: 'below', setHostnameAsFQDN: true }),
  podManifest(
    'one-user',
    [
      staying('main'),
      staying('other', { securityContext: { runAsUser: 1001, runAsGroup: 2001, runAsNonRoot: true } }),
      staying('root', { securityContext: { runAsUser: 0, seccompProfile: { type: 'Unconfined' } } }),
    ],
    {
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 2000,
        fsGroup: 3000,
        supplementalGroups: [4000, 4001],
        seccompProfile: { type: 'RuntimeDefault' },
        sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '10000 20000' }],
      },
    },
  ),
  podManifest('confined', [
    staying('capabilities', { securityContext: { capabilities: { add: ['NET_ADMIN'], drop: ['MKNOD', 'CHOWN'] } } }),
    staying('none', { securityContext: { capabilities: { drop: ['ALL'] } } }),
    staying('no-more', { securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } }),
    staying('group', { securityContext: { runAsUser: 5, runAsGroup: 6 } }),
    staying('seccomp', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
    staying('selinux', { securityContext: { seLinuxOptions: { level: 's0:c1,c2', type: 'spc_t' } } }),
  ]),
  podManifest('privileged', [staying('main', { securityContext: { privileged: true } })]),
]
