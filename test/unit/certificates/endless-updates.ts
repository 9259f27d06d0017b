/**
 * Run as a script, `endless-updates FOLDER`: stores certificate after certificate until it is killed,
 * and says when each is stored.
 */
import { FakeAuthority } from '../../fakes/fake-authority.ts'
import { CertificateStore } from '../../../src/certificates/certificate-store.ts'
import { issuedPair } from '../../support/issued-pair.ts'

if (import.meta.main) {
  const store = new CertificateStore(process.argv[2] ?? '', 'kubelet-client')
  const authority = new FakeAuthority()
  for (let nowMs = Date.now(); ; nowMs += 1000) {
    await store.update(await issuedPair(authority, nowMs, nowMs + 3_600_000), nowMs)
    process.stdout.write('stored\n')
  }
}
