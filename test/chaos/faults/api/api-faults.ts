import type { Fault } from '../../fault.ts'
import { badLine } from './bad-line.ts'
import { refusedRequests } from './refused-requests.ts'
import { serverAway } from './server-away.ts'
import { watchClock } from './watch-clock.ts'

/** What can befall the API server and the way to it. */
export const apiFaults: readonly Fault[] = [...serverAway, ...refusedRequests, ...badLine, ...watchClock]
