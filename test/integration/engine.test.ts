import { engineContract } from '../contract/engine.contract.ts'
import { tellsLayers } from '../support/image-layers.ts'
import { dockerHarness } from './support/docker-harness.ts'

engineContract('Docker', () => dockerHarness(), { tellsLayers: await tellsLayers() })
