import { labels } from '../../../src/model/labels.ts'

/** Any part of Docker's JSON. */
type Json = Readonly<Record<string, unknown>>

/** `GET /containers/ID/json` of Docker 20.10, of a running container of the Pod default/web, cut down to what matters. */
export function containerJson(changes: Json = {}): Json {
  return {
    Id: '09274b9fe6dfb16d5aa3e738c752b6fcdaeb83246ec3c71bd2d099a4d334c452',
    Created: '2026-11-21T03:29:18.274138778Z',
    State: runningState,
    Image: 'sha256:a8582c129b9f04b82b4abc93344abad70932f442a0f74170574511794150fdee',
    Name: '/k8s_main_web_default_uid-1_3',
    HostConfig: { NetworkMode: 'container:feed' },
    Mounts: [
      { Type: 'bind', Source: '/pods/uid-1/hosts', Destination: '/etc/hosts', Mode: '', RW: true },
      {
        Type: 'bind',
        Source: '/pods/uid-1/main/termination-log',
        Destination: '/dev/termination-log',
        Mode: '',
        RW: true,
      },
    ],
    Config: { Image: 'busybox', Labels: containerLabels },
    NetworkSettings: { Networks: {} },
    ...changes,
  }
}

/** The same of a running sandbox with an IPv4 and an IPv6 address. */
export function sandboxJson(changes: Json = {}): Json {
  return containerJson({
    HostConfig: { NetworkMode: 'default', Runtime: 'kata' },
    Mounts: [],
    Config: { Image: 'pause', Labels: { ...containerLabels, [labels.kind]: 'sandbox', [labels.containerName]: 'POD' } },
    NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2', GlobalIPv6Address: 'fd00::2' } } },
    ...changes,
  })
}

export const containerLabels: Readonly<Record<string, string>> = {
  [labels.node]: 'node-a',
  [labels.kind]: 'container',
  [labels.podName]: 'web',
  [labels.podNamespace]: 'default',
  [labels.podUid]: 'uid-1',
  [labels.containerName]: 'main',
  [labels.sandboxId]: 'feed',
  [labels.attempt]: '3',
  [labels.hash]: 'abc',
  [labels.terminationMessagePath]: '/dev/termination-log',
  [labels.terminationMessagePolicy]: 'FallbackToLogsOnError',
  [labels.terminationGracePeriodSeconds]: '30',
}

/** `State` of a container that runs. */
export const runningState: Json = {
  Status: 'running',
  Running: true,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 4711,
  ExitCode: 0,
  Error: '',
  StartedAt: '2026-11-21T03:29:19.5Z',
  FinishedAt: '0001-01-01T00:00:00Z',
}

/** `State` of a container that was never started. */
export const createdState: Json = {
  ...runningState,
  Status: 'created',
  Running: false,
  Pid: 0,
  StartedAt: '0001-01-01T00:00:00Z',
}

/** `State` of a container that ended well. */
export const exitedState: Json = {
  ...runningState,
  Status: 'exited',
  Running: false,
  Pid: 0,
  FinishedAt: '2026-11-21T03:30:00Z',
}
