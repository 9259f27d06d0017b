/** In every test bed and every registry: small, and starts at once. */
export const image = 'busybox:1.36'

/** PID 1 gets no default action for a signal: without the trap the end would take the whole grace. */
export const endsAtOnce: readonly string[] = ['sh', '-c', 'trap "exit 0" TERM; sleep 100000 & wait']

/** A volume beside the emptyDir, mounted at `/<name>`. */
export interface BenchVolume {
  readonly name: string
  readonly [source: string]: unknown
}

/** What a Pod has that is not like the others. */
export interface BenchPart {
  /** Members of its containers. */
  readonly container?: object
  /** How many of them; 1 if unset. */
  readonly containers?: number
  readonly volumes?: readonly BenchVolume[]
  /** Of the same image. */
  readonly initContainers?: readonly object[]
  readonly restartPolicy?: 'Always' | 'Never'
}

/** The Pod that is measured: bound to its node by itself, its image present, one container and an emptyDir. */
export function benchPod(name: string, nodeName: string, part: BenchPart = {}): unknown {
  const { container = {}, containers = 1, volumes = [], initContainers = [], restartPolicy = 'Always' } = part
  const mounted = [{ name: 'scratch', emptyDir: {} }, ...volumes]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName,
      restartPolicy,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      tolerations: [{ operator: 'Exists' }],
      volumes: mounted,
      initContainers: initContainers.map((init) => ({ image, imagePullPolicy: 'IfNotPresent', ...init })),
      containers: Array.from({ length: containers }, (_, index) => ({
        name: index === 0 ? 'main' : `beside-${index}`,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: endsAtOnce,
        volumeMounts: mounted.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
        ...container,
      })),
    },
  }
}
