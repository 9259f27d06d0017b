/** A container's environment by name; `KEY=value` strings are made of it at the very end. */
export type Environment = ReadonlyMap<string, string>

/**
 * Kubernetes' variable syntax (third_party/forked/golang/expansion): `$(NAME)` becomes the value, or stays as it is when
 * the name is unknown; `$$` is a `$`; any other `$` stays. Where several environments have a name, the first is right.
 */
export function expand(text: string, ...environments: readonly Environment[]): string {
  return expandWith(text, (name) => environments.find((environment) => environment.has(name))?.get(name))
}

/** The same, with the value of a name, or `undefined` for one that is unknown, from whoever has it. */
export function expandWith(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (valueOf(name) ?? whole),
  )
}
