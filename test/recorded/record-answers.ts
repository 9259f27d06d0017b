import { requirePod } from '../../src/cluster/decode-object.ts'
import type { KubeClient } from '../../src/cluster/kube-client.ts'
import { KubeletError } from '../../src/model/errors.ts'
import { adminKubeconfig, clusterHarness, kubeClient, type RealClusterHarness } from '../integration/cluster-harness.ts'
import { newFieldsSpec } from './new-fields.ts'
import type { Exchange, Recording } from './recording.ts'
import { RecordingProxy } from './recording-proxy.ts'
import { clientAt, clusterOf } from './replay-server.ts'
import { sceneNames, scenes } from './scenes.ts'

const { signal } = new AbortController()

/** Asks the API server of $KUBECONFIG (else of the test bed) everything; removes what it made there. */
export async function recordAnswers(): Promise<Recording> {
  await using harness = await clusterHarness()
  const adminConfig = await adminKubeconfig()
  const admin = kubeClient(adminConfig)
  try {
    await using asNode = await RecordingProxy.start(harness.kubeconfig)
    await using asAdmin = await RecordingProxy.start(adminConfig)
    const { nodeName, namespace } = harness
    const version = await harness.cluster.version(signal)
    const { resourceVersion } = await harness.cluster.listPods(nodeName, signal)
    const made = await makePod(admin, harness)
    const pod = { namespace, name: made.metadata.name, uid: made.metadata.uid }
    for (const name of ['a', 'b', 'c'])
      await harness.admin.putService({ namespace, name, ports: [{ port: 80, protocol: 'TCP' }] })

    const recorded: Record<string, readonly Exchange[]> = {}
    for (const scene of sceneNames) {
      const proxy = scene === 'deprecated' ? asAdmin : asNode
      const client = clientAt(proxy.address)
      const asking = { cluster: clusterOf(client), client, nodeName, namespace, pod, resourceVersion }
      // What comes of it is for the tests to say.
      const ask = (): Promise<unknown> => Promise.resolve(scenes[scene](asking)).catch(() => {})
      if (scene === 'throttled') {
        const refused = await refusal(admin, nodeName, async () => {
          await Promise.all(Array.from({ length: 20 }, ask))
          return proxy.taken().filter(({ status }) => status === 429)
        })
        if (refused !== undefined) recorded[scene] = refused
      } else {
        await ask()
        recorded[scene] = proxy.taken()
      }
      client.close()
    }
    const how = `By test/recorded/record.ts, ${new Date().toISOString().slice(0, 10)}, against a control plane of hack/control-plane.sh`
    return { how, version, nodeName, namespace, pod, resourceVersion, scenes: recorded }
  } finally {
    const { nodeName } = harness
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName}`
    await admin.request({ what: 'delete the lease', method: 'DELETE', path }, signal).catch(() => {})
    admin.close()
  }
}

async function makePod(admin: KubeClient, { namespace, nodeName }: RealClusterHarness) {
  const body = { metadata: { name: 'web', labels: { app: 'web' } }, spec: { nodeName, ...newFieldsSpec } }
  const what = 'create the Pod'
  const path = `/api/v1/namespaces/${namespace}/pods`
  return requirePod(what, await admin.request({ what, method: 'POST', path, body }, signal))
}

/**
 * What the server says to one of many questions at once when it may answer one at a time; nothing from one that cannot
 * be told to be so. `ask` asks many and returns those that were refused.
 */
async function refusal(
  admin: KubeClient,
  name: string,
  ask: () => Promise<readonly Exchange[]>,
): Promise<readonly Exchange[] | undefined> {
  const base = '/apis/flowcontrol.apiserver.k8s.io/v1'
  const limited = { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } }
  const subjects = [{ kind: 'User', user: { name: `system:node:${name}` } }]
  const rules = [{ subjects, nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/version'] }] }]
  const objects = {
    prioritylevelconfigurations: { type: 'Limited', limited },
    flowschemas: { priorityLevelConfiguration: { name }, matchingPrecedence: 2, rules },
  }
  const send = (method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> =>
    admin.request({ what: `${method} ${path}`, method, path, body }, signal)
  try {
    for (const [kind, spec] of Object.entries(objects))
      await send('POST', `${base}/${kind}`, { metadata: { name }, spec })
  } catch (error) {
    if (KubeletError.is(error, 'not-found')) return undefined
    throw error
  }
  try {
    for (const until = Date.now() + 30_000; ;) {
      const [first] = await ask()
      if (first !== undefined) return [first]
      if (Date.now() > until) throw new Error('The server refuses nobody, though it was told to')
    }
  } finally {
    for (const kind of Object.keys(objects)) await send('DELETE', `${base}/${kind}/${name}`)
  }
}
