import { engineContract } from '../contract/engine.contract.ts'
import { dockerHarness } from './support/docker-harness.ts'

engineContract('Docker', () => dockerHarness())
