import type { TestContext } from 'node:test'

/** Sets the process's umask for the test. */
export function withUmask(test: TestContext, mask: number): void {
  const before = process.umask(mask)
  test.after(() => process.umask(before))
}
