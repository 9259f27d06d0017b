/** A process that is to be killed: writes the volume that it is given over and over, each time other files and texts. */
import { argv } from 'node:process'
import { writeAtomically } from '../../../src/volume/atomic-writer.ts'
import { diskCalls } from '../../../src/volume/file-calls.ts'
import { payloadOf } from '../../support/payloads.ts'
import { filesOfRound } from './files-of-round.ts'

const [, , volume = ''] = argv
const signal = new AbortController().signal
for (let round = 1; ; round += 1) {
  await writeAtomically(volume, payloadOf(filesOfRound(round)), { fsGroup: 4321, calls: diskCalls, signal })
}
