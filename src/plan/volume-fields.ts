import type { FieldRow } from './field-row.ts'

/** A part of the table in pod-fields: what volumes are made of. */
export const volumeFields: readonly FieldRow[] = [
  {
    of: 'Volume',
    is: 'done',
    fields: 'configMap downwardAPI emptyDir ephemeral hostPath image name nfs persistentVolumeClaim projected secret',
  },
  { of: 'Volume', is: 'unmounted', fields: 'csi flexVolume', why: 'only a driver can mount it, and Docker has none' },
  { of: 'Volume', is: 'unmounted', fields: 'fc iscsi', why: 'they are block devices, which are not mounted' },
  {
    of: 'Volume',
    is: 'unmounted',
    fields:
      'awsElasticBlockStore azureDisk azureFile cephfs cinder flocker gcePersistentDisk glusterfs ' +
      'photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume',
    why: "today's kubelet leaves them to CSI drivers, if it has them at all",
  },
  { of: 'Volume', is: 'unmounted', fields: 'gitRepo', why: 'the kubelet refuses it, too, unless it is told otherwise' },
  { of: 'EmptyDirVolumeSource', is: 'done', fields: 'medium sizeLimit' },
  { of: 'HostPathVolumeSource', is: 'done', fields: 'path type' },
  {
    of: 'ConfigMapVolumeSource SecretVolumeSource DownwardAPIVolumeSource ProjectedVolumeSource',
    is: 'done',
    fields: 'defaultMode items name optional secretName sources',
  },
  { of: 'ConfigMapProjection SecretProjection DownwardAPIProjection', is: 'done', fields: 'items name optional' },
  { of: 'KeyToPath DownwardAPIVolumeFile', is: 'done', fields: 'fieldRef key mode path resourceFieldRef' },
  { of: 'VolumeProjection', is: 'done', fields: 'configMap downwardAPI secret serviceAccountToken' },
  { of: 'VolumeProjection', is: 'unmounted', fields: 'clusterTrustBundle podCertificate', why: 'not yet' },
  { of: 'ServiceAccountTokenProjection', is: 'done', fields: 'audience expirationSeconds path' },
  {
    of: 'PersistentVolumeClaimVolumeSource NFSVolumeSource ImageVolumeSource',
    is: 'done',
    fields: 'claimName path pullPolicy readOnly reference server',
  },
  { of: 'EphemeralVolumeSource', is: 'elsewhere', fields: 'volumeClaimTemplate', why: 'a controller makes the claim' },
]
