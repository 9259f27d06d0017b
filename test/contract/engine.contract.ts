/**
 * What every `Engine` promises, tried on one: the fake (test/unit/engine) and Docker (test/integration) pass this suite.
 */
import { describe } from 'node:test'
import { aboutItself, creating } from './engine/creating.ts'
import { dialling } from './engine/dialling.ts'
import { events } from './engine/events.ts'
import type { MakeHarness } from './engine/harness.ts'
import { holding, holdingNothing } from './engine/holding.ts'
import { executing } from './engine/executing.ts'
import { images } from './engine/images.ts'
import { logging } from './engine/logging.ts'
import { twoNodes } from './engine/nodes.ts'
import { removingImages } from './engine/removing-images.ts'
import { resizing } from './engine/resizing.ts'
import { starting, stopping } from './engine/running.ts'
import { attaching, talking } from './engine/talking.ts'

/** `tellsLayers`: whether it tells in which folders an image lies. */
export function engineContract(name: string, makeHarness: MakeHarness, { tellsLayers = true } = {}): void {
  describe(`${name} as an engine`, { timeout: 120_000 }, () => {
    describe('about itself', () => aboutItself(makeHarness))
    describe('creating and observing', () => creating(makeHarness))
    describe('starting', () => starting(makeHarness))
    describe('stopping and removing', () => stopping(makeHarness))
    describe('changing what a container may have', () => resizing(makeHarness))
    describe('executing commands', () => executing(makeHarness))
    describe('talking with commands', () => talking(makeHarness))
    describe('attaching to containers', () => attaching(makeHarness))
    describe('reading logs', () => logging(makeHarness))
    describe('reaching the ports of sandboxes', () => dialling(makeHarness))
    describe('with two nodes on one Docker', () => twoNodes(makeHarness))
    describe('about images', () => images(makeHarness))
    describe('removing images', () => removingImages(makeHarness))
    describe('holding images for volumes', () => (tellsLayers ? holding : holdingNothing)(makeHarness))
    describe('telling of events', () => events(makeHarness))
  })
}
