import type { Pod } from '../../model/kube.ts'

/** The groups that every process of the Pod is in besides its own, as Docker's `GroupAdd`: nothing where there are none. */
export function supplementalGroups({ spec }: Pod): { readonly GroupAdd?: readonly string[] } {
  const { fsGroup, supplementalGroups: groups = [] } = spec.securityContext ?? {}
  const all = [...(fsGroup === undefined ? [] : [fsGroup]), ...groups]
  return all.length === 0 ? {} : { GroupAdd: all.map(String) }
}
