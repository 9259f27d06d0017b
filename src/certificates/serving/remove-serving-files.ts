import { readdir, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** The self-signed pair, and what the cluster has signed for the port. */
const servingFile = /^(?:kubelet\.(?:crt|key)|kubelet-server-.+\.pem)$/u

/**
 * Removes the certificates that the agent served with, and the folder with them if nothing else is in it: the node's own
 * identity stays, for its kubeconfig names it. Never rejects; what cannot be removed stays.
 *
 * @param folder Below the root directory, where all is the agent's own.
 */
export async function removeServingFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const ours = names.filter((name) => servingFile.test(name))
  await Promise.all(ours.map((name) => unlink(join(folder, name)).catch(() => undefined)))
  await rmdir(folder).catch(() => undefined)
}
