/** Names of kernel parameters, as Pods and operators write them (component-helpers/node/util/sysctl). */

/** A namespace of the kernel that a Pod can have for itself, and its sysctls with it. */
export type SysctlNamespace = 'IPC' | 'Net'

/** What an operator allows: one sysctl, or all that begin so. */
export interface SysctlPattern {
  readonly start: string
  readonly isPrefix: boolean
}

/** With dots between its parts, whichever way it was written: the first separator tells which way that was. */
export function sysctlName(text: string): string {
  const first = /[./]/.exec(text)?.[0]
  if (first !== '/') return text
  return text.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

/** `net.core.somaxconn`, or `net.core.*`. */
export function sysctlPattern(text: string): SysctlPattern {
  const name = sysctlName(text)
  const star = name.indexOf('*')
  return { start: star === -1 ? name : name.slice(0, star), isPrefix: star !== -1 }
}

/** The namespace of a sysctl, or of what a pattern begins with; `undefined` for what all of the host shares. */
export function sysctlNamespace(name: string): SysctlNamespace | undefined {
  if (name.startsWith('net.')) return 'Net'
  return ipcSysctls.includes(name) || name.startsWith('fs.mqueue.') ? 'IPC' : undefined
}

/** `kernel.shm` and `kernel.msg` are what the usual patterns begin with. */
const ipcSysctls: readonly string[] = [
  'kernel.sem',
  'kernel.shm',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.msg',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
]
