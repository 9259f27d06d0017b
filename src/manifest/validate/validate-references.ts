import type { ContainerSpec, PodSpec, VolumeSpec } from '../../model/kube.ts'
import { isRecord } from '../../util/is-record.ts'
import { forbidden, type FieldFault, type FieldPath } from '../field-fault.ts'

/** What a volume of this kind refers to, in the kubelet's words. */
const volumeReferences: Readonly<Record<string, string>> = {
  configMap: 'configmaps',
  secret: 'secrets',
  azureFile: 'secrets',
  csi: 'csidrivers (via CSI volumes)',
  glusterfs: 'endpoints (via glusterFS volumes)',
  persistentVolumeClaim: 'persistentvolumeclaims',
  ephemeral: 'persistentvolumeclaims (via ephemeral volumes)',
}

const projectedReferences: Readonly<Record<string, string>> = {
  configMap: 'configmaps',
  secret: 'secrets',
  serviceAccountToken: 'serviceaccounts (via projected volumes)',
  clusterTrustBundle: 'clustertrustbundles',
  podCertificate: 'podcertificates',
}

/**
 * A static Pod stands for itself: it may not refer to any object of the API (gate PreventStaticPodAPIReferences, on since
 * 1.34), which may change or go without the file that makes the Pod.
 */
export function validateReferences(spec: PodSpec): readonly FieldFault[] {
  const accounts = ['serviceAccountName', 'serviceAccount'] as const
  const lists = ['initContainers', 'containers'] as const
  return [
    ...accounts.filter((field) => Boolean(spec[field])).map((field) => refuse(['spec', field], 'serviceaccounts')),
    ...(spec.imagePullSecrets?.length ? [refuse(['spec', 'imagePullSecrets'], 'secrets')] : []),
    ...(spec.resourceClaims?.length ? [refuse(['spec', 'resourceClaims'], 'resourceclaims')] : []),
    ...lists.flatMap((list) =>
      (spec[list] ?? []).flatMap((container, index) => validateContainer(container, ['spec', list, index])),
    ),
    ...(spec.volumes ?? []).flatMap((volume, index) => validateVolume(volume, ['spec', 'volumes', index])),
  ]
}

function validateContainer({ env = [], envFrom = [] }: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  return [
    ...envFrom.flatMap(({ configMapRef, secretRef }, index) => [
      ...(configMapRef ? [refuse([...path, 'envFrom', index, 'configMapRef'], 'configmaps')] : []),
      ...(secretRef ? [refuse([...path, 'envFrom', index, 'secretRef'], 'secrets')] : []),
    ]),
    ...env.flatMap(({ valueFrom }, index) => {
      const at = [...path, 'env', index, 'valueFrom']
      return [
        ...(valueFrom?.configMapKeyRef ? [refuse([...at, 'configMapKeyRef'], 'configmaps')] : []),
        ...(valueFrom?.secretKeyRef ? [refuse([...at, 'secretKeyRef'], 'secrets')] : []),
      ]
    }),
  ]
}

function validateVolume(volume: VolumeSpec, path: FieldPath): readonly FieldFault[] {
  return [
    ...fieldsOf(volume, volumeReferences, path),
    ...Object.entries(volume)
      .filter(([, source]) => hasSecretRef(source))
      .map(([field]) => refuse([...path, field, 'secretRef'], 'secrets')),
    ...(volume.projected?.sources ?? []).flatMap((source, index) =>
      fieldsOf(source, projectedReferences, [...path, 'projected', 'sources', index]),
    ),
  ]
}

function hasSecretRef(source: unknown): boolean {
  return isRecord(source) && source['secretRef'] !== undefined
}

function fieldsOf(
  object: object,
  references: Readonly<Record<string, string>>,
  path: FieldPath,
): readonly FieldFault[] {
  return Object.entries(object).flatMap(([field, value]) => {
    const what = references[field]
    return what === undefined || value === undefined ? [] : [refuse([...path, field], what)]
  })
}

function refuse(path: FieldPath, what: string): FieldFault {
  return forbidden(path, `static pods may not reference ${what}`)
}
