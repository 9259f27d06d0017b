/** In every test bed and every registry: small, and starts at once. */
export const image = 'busybox:1.36'

/** PID 1 gets no default action for a signal: without the trap the end would take the whole grace. */
export const endsAtOnce: readonly string[] = ['sh', '-c', 'trap "exit 0" TERM; sleep 100000 & wait']

/** The Pod that is measured: bound to its node by itself, its image present, one container and an emptyDir. `container` is what else that has. */
export function benchPod(name: string, nodeName: string, container: object = {}): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ name: 'scratch', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: endsAtOnce,
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
          ...container,
        },
      ],
    },
  }
}
