import { podPriorityPeriods, type PriorityPeriod } from '../values/priority-periods.ts'
import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** How long the Pods of a machine that shuts down are given. */
export const shutdownSettings = {
  shutdownGraceMs: setting<number>({
    group: 'Node',
    field: 'shutdownGracePeriod',
    type: types.anyDuration,
    fallback: 0,
    shownDefault: '0s',
    help: 'How long a shutdown of the machine waits for Pods to end, 0 for not at all; needs systemd-logind',
  }),
  shutdownCriticalGraceMs: setting<number>({
    group: 'Node',
    field: 'shutdownGracePeriodCriticalPods',
    type: types.anyDuration,
    fallback: 0,
    shownDefault: '0s',
    help: 'The part of that time which critical Pods have for themselves, after all others',
  }),
  shutdownPeriods: setting<readonly PriorityPeriod[]>({
    group: 'Node',
    field: 'shutdownGracePeriodByPodPriority',
    type: podPriorityPeriods,
    fallback: [],
    shownDefault: '',
    help: 'Instead of these two: seconds for the Pods of each priority, from there up to the next',
  }),
} as const
