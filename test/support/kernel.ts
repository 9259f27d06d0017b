import { readFileSync, writeFileSync } from 'node:fs'

const hugePages = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages'

/** Sets so many huge pages of 2 MiB aside, and gives them back on disposal. Throws where the kernel has not got them. */
export function setHugePagesAside(count: number): Disposable {
  const before = readFileSync(hugePages, 'utf8').trim()
  using aside = new DisposableStack()
  aside.defer(() => writeFileSync(hugePages, before))
  writeFileSync(hugePages, String(count))
  if (Number(readFileSync(hugePages, 'utf8')) !== count)
    throw new Error(`The kernel has no ${count} huge pages to spare`)
  return aside.move()
}
