import { mountsContract } from '../../../contract/mounts.contract.ts'
import { FakeMounts } from '../../../fakes/fake-mounts.ts'

mountsContract('Mounts in memory', (root) => new FakeMounts({ root }))
