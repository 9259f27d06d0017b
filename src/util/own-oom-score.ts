import { writeFile } from 'node:fs/promises'

/**
 * Sets how readily the kernel kills this process when memory runs out, −1000 to 1000. Resolves with why it could not be set,
 * in the system's words: less than it is takes CAP_SYS_RESOURCE.
 */
export async function setOwnOomScore(score: number): Promise<string | undefined> {
  try {
    await writeFile('/proc/self/oom_score_adj', String(score))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
