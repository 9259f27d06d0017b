import { authorizationModes, type AuthorizationMode } from '../config.ts'
import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Milliseconds. */
const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Who may come in on the HTTPS port, and what is shown there. */
export const serverSettings = {
  enableServer: setting<boolean>({
    group: 'HTTPS port',
    flag: 'enable-server',
    field: 'enableServer',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Open the port; as --port 0 when false',
  }),
  anonymousAuth: setting<boolean>({
    group: 'HTTPS port',
    flag: 'anonymous-auth',
    field: 'authentication.anonymous.enabled',
    type: types.toggle,
    fallback: false,
    shownDefault: 'false',
    help: 'Take who shows no credentials for the user system:anonymous, instead of refusing',
  }),
  authenticationTokenWebhook: setting<boolean | undefined>({
    group: 'HTTPS port',
    flag: 'authentication-token-webhook',
    field: 'authentication.webhook.enabled',
    type: types.toggle,
    fallback: undefined,
    shownDefault: 'true with --kubeconfig',
    help: 'Ask the API server whose a bearer token is (TokenReview)',
  }),
  authenticationTokenCacheTtlMs: setting<number>({
    group: 'HTTPS port',
    flag: 'authentication-token-webhook-cache-ttl',
    field: 'authentication.webhook.cacheTTL',
    type: types.duration(0),
    fallback: 2 * minute,
    shownDefault: '2m',
    help: 'How long a token that is known needs no other question, 0 for not at all',
  }),
  authorizationMode: setting<AuthorizationMode | undefined>({
    group: 'HTTPS port',
    flag: 'authorization-mode',
    field: 'authorization.mode',
    type: types.choice(authorizationModes),
    fallback: undefined,
    shownDefault: 'Webhook; AlwaysAllow without --kubeconfig',
    help: 'Whether the API server is asked what somebody may do (SubjectAccessReview), or all who are known may do all',
  }),
  authorizedTtlMs: setting<number>({
    group: 'HTTPS port',
    flag: 'authorization-webhook-cache-authorized-ttl',
    field: 'authorization.webhook.cacheAuthorizedTTL',
    type: types.duration(0),
    fallback: 5 * minute,
    shownDefault: '5m',
    help: 'How long a yes needs no other question, 0 for not at all',
  }),
  unauthorizedTtlMs: setting<number>({
    group: 'HTTPS port',
    flag: 'authorization-webhook-cache-unauthorized-ttl',
    field: 'authorization.webhook.cacheUnauthorizedTTL',
    type: types.duration(0),
    fallback: 30 * second,
    shownDefault: '30s',
    help: 'How long a no needs no other question, 0 for not at all',
  }),
  enableDebuggingHandlers: setting<boolean>({
    group: 'HTTPS port',
    flag: 'enable-debugging-handlers',
    field: 'enableDebuggingHandlers',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Serve logs, exec, attach, port-forward, run, and what shows how the agent is set',
  }),
  enableSystemLogHandler: setting<boolean>({
    group: 'HTTPS port',
    field: 'enableSystemLogHandler',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Serve the files of /var/log at /logs/',
  }),
  enableProfilingHandler: setting<boolean>({
    group: 'HTTPS port',
    field: 'enableProfilingHandler',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'As the kubelet: whether /debug/pprof is there to be asked; this agent has no such profiles, and says so',
  }),
  enableDebugFlagsHandler: setting<boolean>({
    group: 'HTTPS port',
    field: 'enableDebugFlagsHandler',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Let the verbosity of the log be set at /debug/flags/v',
  }),
  streamingIdleMs: setting<number>({
    group: 'HTTPS port',
    flag: 'streaming-connection-idle-timeout',
    field: 'streamingConnectionIdleTimeout',
    type: types.duration(0),
    fallback: 4 * hour,
    shownDefault: '4h',
    help: 'How long exec, attach and port-forward may be silent before they are closed, 0 for ever',
  }),
} as const
