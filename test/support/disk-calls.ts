import { createHook } from 'node:async_hooks'

/**
 * How often `work` makes a thread of Node's wait for the disk. Each costs some fifty microseconds of CPU, whatever it
 * does; what is done at once (the kernel's files) does not count.
 */
export async function diskCalls(work: () => Promise<void>): Promise<number> {
  let calls = 0
  const hook = createHook({
    init: (_, type) => {
      if (type === 'FSREQPROMISE' || type === 'FSREQCALLBACK' || type === 'FILEHANDLECLOSEREQ') calls += 1
    },
  })
  hook.enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return calls
}
