import { goDuration } from '../util/go-duration.ts'
import type { ShutdownConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'

/** The settings of a graceful shutdown, with a fault noted as the kubelet puts it (ValidateKubeletConfiguration). */
export function readShutdownConfig(reader: SettingReader): ShutdownConfig {
  const graceMs = reader.read(settings.shutdownGraceMs)
  const criticalGraceMs = reader.read(settings.shutdownCriticalGraceMs)
  const periods = reader.read(settings.shutdownPeriods)
  const fault = (text: string): void => reader.fault(`invalid configuration: ${text}`)
  if (criticalGraceMs > graceMs) {
    const critical = goDuration(criticalGraceMs)
    fault(`shutdownGracePeriodCriticalPods ${critical} must be <= shutdownGracePeriod ${goDuration(graceMs)}`)
  }
  const both = { shutdownGracePeriod: graceMs, shutdownGracePeriodCriticalPods: criticalGraceMs }
  for (const [name, milliseconds] of Object.entries(both)) {
    if (milliseconds !== 0 && milliseconds < 1000) {
      fault(`${name} ${goDuration(milliseconds)} must be either zero or otherwise >= 1 sec`)
    }
  }
  if (periods.length > 0 && (graceMs > 0 || criticalGraceMs > 0)) {
    fault('Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time')
  }
  return { graceMs, criticalGraceMs, periods }
}
