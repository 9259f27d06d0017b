import type { Fault } from '../../fault.ts'
import { foreignContainers } from './foreign-containers.ts'
import { lostFiles } from './lost-files.ts'
import { lostImages } from './lost-images.ts'
import { lostObjects } from './lost-objects.ts'
import { touchedContainers } from './touched-containers.ts'

/** What others do behind the agent's back. */
export const behindFaults: readonly Fault[] = [
  ...touchedContainers,
  ...foreignContainers,
  ...lostImages,
  ...lostFiles,
  ...lostObjects,
]
