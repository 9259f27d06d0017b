import type { ContainerSpec } from '../model/kube.ts'

/** A container's environment by name; later rooms add to it, `KEY=value` strings are made at the very end. */
export type Environment = ReadonlyMap<string, string>

/**
 * `env` in the order of the list: each value may refer to what stands before it as `$(NAME)` (makeEnvironmentVariables
 * in pkg/kubelet/kubelet_pods.go). Entries with `valueFrom` are left out here; see unsupported-fields.
 */
export function containerEnvironment(container: ContainerSpec): Environment {
  const environment = new Map<string, string>()
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined || value) environment.set(name, expand(value ?? '', environment))
  }
  return environment
}

/**
 * Kubernetes' variable syntax (third_party/forked/golang/expansion): `$(NAME)` becomes the value, or stays as it is when
 * the name is unknown; `$$` is a `$`; any other `$` stays.
 */
export function expand(text: string, environment: Environment): string {
  return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    return environment.get(name) ?? whole
  })
}
