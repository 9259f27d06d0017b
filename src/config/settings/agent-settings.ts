import { logFormats, type LogFormat } from '../config.ts'
import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Docker, and the agent itself. */
export const agentSettings = {
  dockerHost: setting<string | undefined>({
    group: 'Docker',
    flag: 'docker-host',
    type: types.dockerEndpoint,
    fallback: undefined,
    shownDefault: '$DOCKER_HOST, else unix:///var/run/docker.sock',
    help: 'Where Docker answers; with $DOCKER_TLS_VERIFY, over TLS with the certificates in $DOCKER_CERT_PATH',
  }),
  podInfraContainerImage: setting<string | undefined>({
    group: 'Docker',
    flag: 'pod-infra-container-image',
    type: types.optionalText,
    fallback: undefined,
    shownDefault: "the agent's own, which needs no registry",
    help: "Image of the container that holds a Pod's namespaces",
  }),

  healthzPort: setting<number>({
    group: 'Ports',
    flag: 'healthz-port',
    field: 'healthzPort',
    type: types.port,
    fallback: 10_248,
    shownDefault: '10248',
    help: 'Port of /healthz, 0 for none; two agents on one host need two',
  }),
  healthzBindAddress: setting<string>({
    group: 'Ports',
    flag: 'healthz-bind-address',
    field: 'healthzBindAddress',
    type: types.ipAddress,
    fallback: '127.0.0.1',
    shownDefault: '127.0.0.1',
    help: 'Address of /healthz',
  }),
  readOnlyPort: setting<number>({
    group: 'Ports',
    flag: 'read-only-port',
    field: 'readOnlyPort',
    type: types.port,
    fallback: 0,
    shownDefault: '0',
    help: 'Port on which anyone may read /pods, 0 for none',
  }),
  address: setting<string>({
    group: 'Ports',
    flag: 'address',
    field: 'address',
    type: types.ipAddress,
    fallback: '0.0.0.0',
    shownDefault: '0.0.0.0',
    help: 'Address of the read-only port',
  }),

  verbosity: setting<number>({
    group: 'Logs',
    flag: 'v',
    field: 'logging.verbosity',
    type: types.integer(0, 10),
    fallback: 0,
    shownDefault: '0',
    help: 'How much is logged: 0 what an operator wants to know, 4 debugging, 6 everything',
  }),
  logFormat: setting<LogFormat>({
    group: 'Logs',
    flag: 'log-format',
    type: types.choice(logFormats),
    fallback: 'auto',
    shownDefault: 'auto',
    help: 'JSON lines, or readable ones; auto: readable on a terminal, JSON elsewhere',
  }),

  rootDir: setting<string>({
    group: 'General',
    flag: 'root-dir',
    type: types.path,
    fallback: '/var/lib/minikubelet',
    shownDefault: '/var/lib/minikubelet',
    help: 'Folder for all that the agent keeps on disk; Docker must see it under the same path',
  }),
  config: setting<string | undefined>({
    group: 'General',
    flag: 'config',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: '',
    help: 'KubeletConfiguration (kubelet.config.k8s.io/v1beta1) to read; a flag beats it',
  }),
  cleanupOnExit: setting<boolean>({
    group: 'General',
    flag: 'cleanup-on-exit',
    type: types.toggle,
    fallback: false,
    shownDefault: 'false',
    help: "On exit, end this node's Pods and remove all that the agent made, instead of leaving them running",
  }),
} as const
