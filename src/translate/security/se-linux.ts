import type { SharedContext } from './effective-context.ts'

/** The parts of an SELinux label that are set, as Docker's security options; a host without SELinux passes over them. */
export function seLinuxOptions(label: SharedContext['seLinuxOptions']): readonly string[] {
  return (['user', 'role', 'type', 'level'] as const).flatMap((part) => {
    const value = label?.[part]
    return value ? [`label=${part}:${value}`] : []
  })
}
