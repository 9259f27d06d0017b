import type { PodVerdict } from '../model/pod-verdict.ts'
import type { PodUid } from '../model/ids.ts'
import { systemBus } from './dbus/dbus-client.ts'
import { inhibitShutdown } from './inhibitor.ts'
import { Logind } from './logind.ts'
import { ShutdownManager, type ShutdownManagerOptions } from './shutdown-manager.ts'
import { shutDown, shutdownPeriods, type ShutdownTimes } from './shutdown-schedule.ts'
import { ShutdownState, type ShutdownTimesSeen } from './shutdown-state.ts'

/** Where logind reads settings that beat its own. */
const settingsFolder = '/etc/systemd/logind.conf.d'

export interface OpenShutdownOptions extends Pick<ShutdownManagerOptions, 'pods' | 'isCleanedUp' | 'onChange' | 'log'> {
  readonly rootDir: string
  /** There is a grace, or a period. */
  readonly times: ShutdownTimes
  /** `$DBUS_SYSTEM_BUS_ADDRESS`; the usual place where that is not set. */
  readonly busAddress: string | undefined
  readonly end: (uid: PodUid, verdict: PodVerdict, graceSeconds: number) => void
  readonly onTimes: (times: ShutdownTimesSeen) => void
}

/** Builds it, and tells `onTimes` of the last shutdown. Never rejects. */
export async function openShutdown(options: OpenShutdownOptions): Promise<ShutdownManager> {
  const { rootDir, times, busAddress = systemBus, end, onTimes, log } = options
  const state = new ShutdownState(rootDir)
  await state.load().then(onTimes, (error: unknown) => {
    log.warn('When the last shutdown was cannot be read', { error })
  })
  return new ShutdownManager({
    ...options,
    periods: shutdownPeriods(times),
    connect: (signal) => Logind.connect({ busAddress, settingsFolder }, signal),
    inhibit: (signal) => inhibitShutdown(busAddress, signal),
    end: (uid, graceSeconds) => end(uid, shutDown, graceSeconds),
    onTimes: async (seen) => {
      onTimes(seen)
      await state.store(seen)
    },
  })
}
