/**
 * The live heap after each big garbage collection, in MB of a million bytes, from what V8 prints with `--trace-gc`:
 * `[1:0x…] 5000 ms: Mark-Compact 21.3 (30.1) -> 15.2 (29.8) MB, …`. Small collections say nothing about it.
 */
export function heapSizes(log: string): readonly number[] {
  return [...log.matchAll(/Mark-Compact[^\n]* -> (\d+\.\d+) \(\d+\.\d+\) MB/gu)].map(
    ([, mebibytes]) => (Number(mebibytes) * 1024 * 1024) / 1e6,
  )
}
