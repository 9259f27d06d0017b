import type { AuthorizationMode, ServerConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'

/**
 * The settings of the HTTPS port. As in the kubelet, what needs an API server and has none is a mistake; what was not
 * asked for is left out then.
 */
export function readServerConfig(reader: SettingReader): ServerConfig {
  const hasApiServer = reader.read(settings.kubeconfig) !== undefined
  return {
    auth: {
      anonymous: reader.read(settings.anonymousAuth),
      tokenWebhook: tokenWebhook(reader, hasApiServer),
      tokenCacheTtlMs: reader.read(settings.authenticationTokenCacheTtlMs),
      mode: mode(reader, hasApiServer),
      authorizedTtlMs: reader.read(settings.authorizedTtlMs),
      unauthorizedTtlMs: reader.read(settings.unauthorizedTtlMs),
    },
    debuggingHandlers: reader.read(settings.enableDebuggingHandlers),
    systemLogHandler: reader.read(settings.enableSystemLogHandler),
    profilingHandler: reader.read(settings.enableProfilingHandler),
    debugFlagsHandler: reader.read(settings.enableDebugFlagsHandler),
    streamingIdleMs: reader.read(settings.streamingIdleMs),
  }
}

function tokenWebhook(reader: SettingReader, hasApiServer: boolean): boolean {
  const isWanted = reader.read(settings.authenticationTokenWebhook)
  if (isWanted === true && !hasApiServer) {
    reader.fault(
      '--authentication-token-webhook (authentication.webhook.enabled) asks the API server: give --kubeconfig',
    )
  }
  return isWanted ?? hasApiServer
}

function mode(reader: SettingReader, hasApiServer: boolean): AuthorizationMode {
  const wanted = reader.read(settings.authorizationMode)
  if (wanted === 'Webhook' && !hasApiServer) {
    reader.fault('--authorization-mode Webhook (authorization.mode) asks the API server: give --kubeconfig')
  }
  return wanted ?? (hasApiServer ? 'Webhook' : 'AlwaysAllow')
}
