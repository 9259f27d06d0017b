import { modelIn, modelsOf, shortName } from '../model/generate-pod-types.ts'

/** The fields of each type that a Pod is made of, its status too, with the type of what is in them. */
export type ApiTypes = ReadonlyMap<string, readonly { readonly name: string; readonly inner: string | undefined }[]>

/** As the models of @kubernetes/client-node have them. */
export function apiTypes(): ApiTypes {
  const models = modelsOf('V1Pod', new Set(['V1ManagedFieldsEntry']))
  return new Map(
    [...models].map(([name, attributes]) => [
      shortName(name),
      attributes.map((attribute) => {
        const inner = modelIn(attribute)
        return { name: attribute.baseName, inner: inner === undefined ? undefined : shortName(inner) }
      }),
    ]),
  )
}
