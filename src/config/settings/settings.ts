import { agentSettings } from './agent-settings.ts'
import { certificateSettings } from './certificate-settings.ts'
import { evictionSettings } from './eviction-settings.ts'
import { garbageSettings } from './garbage-settings.ts'
import { nodeSettings } from './node-settings.ts'
import { podSettings } from './pod-settings.ts'
import { resourceSettings } from './resource-settings.ts'
import { serverSettings } from './server-settings.ts'
import { shutdownSettings } from './shutdown-settings.ts'
import type { Setting } from './setting.ts'

/** Everything that can be set. The order within a group is that of the help. */
export const settings = {
  ...podSettings,
  ...nodeSettings,
  ...resourceSettings,
  ...evictionSettings,
  ...serverSettings,
  ...agentSettings,
  ...certificateSettings,
  ...garbageSettings,
  ...shutdownSettings,
} as const

/** Every setting as a list, for whoever needs only its names and texts. */
export const settingList: readonly Setting<unknown>[] = Object.values(settings)
