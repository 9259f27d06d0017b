/** Rounds of Pods and faults on a node, and whether all is as it must be after each: see docs/decisions/faults.md. */
import { openBed } from './bed/open-bed.ts'
import { Random } from './random.ts'

await using stack = new AsyncDisposableStack()
const controller = new AbortController()
process.once('SIGINT', () => controller.abort())
process.once('SIGTERM', () => controller.abort())
const bed = await openBed(new Random(1), stack, controller.signal)
process.stdout.write(`the bed is up: ${bed.folders.top}\n`)
