import type { NewPod } from '../../fakes/fake-api-server.ts'
import { aContainer } from '../../builders/pod.ts'

/** A Pod `web` that runs once, with an emptyDir on the disk and one in memory. */
export function emptyDirPod(): Omit<NewPod, 'nodeName'> {
  const volumes = [
    { name: 'disk', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
  ]
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  return { name: 'web', spec: { restartPolicy: 'Never', volumes, containers: [aContainer({ volumeMounts })] } }
}
