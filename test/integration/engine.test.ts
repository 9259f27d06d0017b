import { engineContract } from '../contract/engine.contract.ts'
import { dockerHarness } from './docker-harness.ts'

engineContract('Docker', () => dockerHarness())
