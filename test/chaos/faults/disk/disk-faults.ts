import type { Fault } from '../../fault.ts'
import { filledRoot } from './filled-root.ts'
import { spoiledFiles } from './spoiled-files.ts'

/** What can befall the file system that the agent's root directory lies on. */
export const diskFaults: readonly Fault[] = [...filledRoot, ...spoiledFiles]
