import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** What Pods get of the machine, and how that is enforced. */
export const resourceSettings = {
  cpuCfsQuota: setting<boolean>({
    group: 'Resources',
    flag: 'cpu-cfs-quota',
    field: 'cpuCFSQuota',
    type: types.toggle,
    fallback: true,
    shownDefault: 'true',
    help: 'Enforce limits of CPU',
  }),
  cpuCfsQuotaPeriodMs: setting<number>({
    group: 'Resources',
    flag: 'cpu-cfs-quota-period',
    field: 'cpuCFSQuotaPeriod',
    type: types.duration(1, 1000),
    fallback: 100,
    shownDefault: '100ms',
    help: 'The period within which a limit of CPU is counted',
  }),
} as const
