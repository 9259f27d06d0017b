/** Fields of a Pod that came with newer API servers, and what is left of them in one that a server gives. */
import type { Pod } from '../../src/model/kube.ts'
import { isRecord } from '../../src/util/is-record.ts'

const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } }

/** As a user writes it; no type of ours has to know all of it. */
export const newFieldsSpec = {
  restartPolicy: 'OnFailure',
  terminationGracePeriodSeconds: 1,
  automountServiceAccountToken: false,
  hostnameOverride: 'other',
  os: { name: 'linux' },
  resources,
  securityContext: { supplementalGroupsPolicy: 'Merge' },
  volumes: [{ name: 'image', image: { reference: 'busybox:1.36', pullPolicy: 'IfNotPresent' } }],
  initContainers: [{ name: 'proxy', image: 'busybox:1.36', restartPolicy: 'Always' }],
  containers: [
    {
      name: 'main',
      image: 'busybox:1.36',
      resources,
      resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      restartPolicy: 'OnFailure',
      livenessProbe: { tcpSocket: { port: 9000 }, terminationGracePeriodSeconds: 5 },
      volumeMounts: [{ name: 'image', mountPath: '/image', readOnly: true, recursiveReadOnly: 'IfPossible' }],
    },
  ],
}

/** Where each lies, and in which release servers first kept it without being told to. */
export const newFields = {
  'spec.containers.0.livenessProbe.terminationGracePeriodSeconds': 22,
  'spec.os': 24,
  'spec.initContainers.0.restartPolicy': 29,
  'spec.containers.0.volumeMounts.0.recursiveReadOnly': 31,
  'spec.securityContext.supplementalGroupsPolicy': 33,
  'spec.containers.0.resizePolicy': 33,
  'spec.resources': 34,
  'spec.hostnameOverride': 35,
  'spec.containers.0.restartPolicyRules': 35,
  'spec.volumes.0.image': 35,
  'metadata.generation': 33,
} as const

/** Those that a Pod has. */
export function keptFields(pod: Pod | undefined): readonly string[] {
  return Object.keys(newFields).filter((path) => {
    let value: unknown = pod
    for (const key of path.split('.')) value = isRecord(value) || Array.isArray(value) ? Object(value)[key] : undefined
    return value !== undefined
  })
}
