import { randomUUID } from 'node:crypto'
import { KubeconfigCredentials, type CredentialProvider } from '../../src/cluster/credentials.ts'
import { requireClaim, requirePod } from '../../src/cluster/decode-object.ts'
import { resolveCredentials } from '../../src/cluster/resolve-credentials.ts'
import { KubeClient, type KubeRequest } from '../../src/cluster/kube-client.ts'
import { KubeCluster } from '../../src/cluster/kube-cluster.ts'
import type { WatchLimits } from '../../src/cluster/kube-lists.ts'
import type { ApiCredentials } from '../../src/cluster/kubeconfig/api-credentials.ts'
import { KubeletError } from '../../src/model/errors.ts'
import type { DataObjectRef } from '../../src/model/kube.ts'
import { aContainer } from '../builders/pod.ts'
import { hack } from '../support/command.ts'
import { everyStep } from '../support/every-step.ts'
import type { ClusterAdmin, ClusterHarness } from '../contract/cluster/harness.ts'

export interface RealClusterHarness extends ClusterHarness {
  /** The node's kubeconfig. */
  readonly kubeconfig: string
}

/** A node of its own and a namespace of its own on the test bed's API server; what they leave behind is removed. */
export async function clusterHarness(): Promise<RealClusterHarness> {
  const { signal } = new AbortController()
  const nodeName = `contract-${randomUUID().slice(0, 8)}`
  const admin = kubeClient(await adminKubeconfig())
  const kubeconfig = await hack('node-credentials.sh', nodeName)
  const ask = (method: KubeRequest['method'], path: string, body?: unknown, contentType?: string): Promise<unknown> =>
    admin.request({ what: `${method} ${path}`, method, path, body, ...(contentType && { contentType }) }, signal)
  const namespace = nodeName
  await makeNamespace(ask, namespace).catch((error: unknown) => {
    admin.close()
    throw error
  })
  const cluster = kubeCluster(kubeconfig)
  const remove = (path: string) => () => ignoringAbsence(ask('DELETE', path))
  return {
    cluster,
    kubeconfig,
    nodeName,
    namespace,
    admin: clusterAdmin(ask),
    [Symbol.asyncDispose]: () =>
      everyStep(
        remove(`/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`),
        remove(`/api/v1/namespaces/${namespace}`),
        remove(`/api/v1/nodes/${nodeName}`),
        // Of no namespace: a test names it like its own.
        remove(`/api/v1/persistentvolumes/${namespace}`),
        () => cluster.close(),
        () => admin.close(),
      ),
  }
}

export interface ClusterOptions {
  /** Another port than the kubeconfig's, of a proxy or of another API server. */
  readonly port?: number
  readonly watch?: WatchLimits
}

/** The adapter under test, as the agent makes it. */
export function kubeCluster(kubeconfig: string, { port, watch }: ClusterOptions = {}): KubeCluster {
  const onUndecodable = (message: string): never => {
    throw new Error(message)
  }
  return new KubeCluster(kubeClient(kubeconfig, port), { onUndecodable, ...(watch && { watch }) })
}

export function kubeClient(kubeconfig: string, port?: number): KubeClient {
  const onFault = (fault: KubeletError): never => {
    throw fault
  }
  const credentials = new KubeconfigCredentials({ kubeconfig, onFault })
  return new KubeClient({
    credentials: port === undefined ? credentials : onPort(credentials, port),
    userAgent: 'minikubelet-test',
  })
}

function onPort(credentials: CredentialProvider, port: number): CredentialProvider {
  let moved: ApiCredentials | undefined
  const current = async (signal: AbortSignal): Promise<ApiCredentials> => {
    if (moved !== undefined) return moved
    const usual = await credentials.current(signal)
    const server = new URL(usual.server)
    server.port = String(port)
    moved = { ...usual, server: server.origin }
    return moved
  }
  return { current, renewed: current, close: () => credentials.close() }
}

/** Starts the control plane if it doesn't run. */
export async function adminKubeconfig(): Promise<string> {
  await hack('control-plane.sh', 'up')
  return hack('control-plane.sh', 'kubeconfig')
}

/** Where the server of a kubeconfig listens. */
export async function serverOf(kubeconfig: string): Promise<URL> {
  const { server } = await resolveCredentials(kubeconfig)
  return new URL(server)
}

type Ask = (method: KubeRequest['method'], path: string, body?: unknown, contentType?: string) => Promise<unknown>

async function makeNamespace(ask: Ask, name: string): Promise<void> {
  await ask('POST', '/api/v1/namespaces', { metadata: { name } })
  try {
    // The controllers make it too, a moment later; without it no Pod is admitted.
    await ask('POST', `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } })
  } catch (error) {
    if (!KubeletError.is(error, 'conflict')) throw error
  }
}

function clusterAdmin(ask: Ask): ClusterAdmin {
  const pathOf = (namespace: string, name = ''): string => `/api/v1/namespaces/${namespace}/pods/${name}`
  return {
    createPod: async ({ name, namespace = 'default', nodeName, metadata, spec }) => {
      const containers = [aContainer()]
      const grace = { terminationGracePeriodSeconds: 30, automountServiceAccountToken: false }
      const pod = { metadata: { name, ...metadata }, spec: { nodeName, containers, ...grace, ...spec } }
      return requirePod('create a Pod', await ask('POST', pathOf(namespace), pod))
    },
    putObject: async ({ kind, namespace, name, ...content }) => {
      const object = { metadata: { name }, ...content }
      const path = objectPath({ kind, namespace, name })
      try {
        await ask('PUT', path, object)
      } catch (error) {
        if (!KubeletError.is(error, 'not-found')) throw error
        await ask('POST', path.slice(0, path.lastIndexOf('/')), object)
      }
    },
    deleteObject: async (ref) => {
      await ask('DELETE', objectPath(ref))
    },
    putService: async ({ namespace, name, ...spec }) => {
      await ask('POST', `/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec })
    },
    deleteService: async (namespace, name) => {
      await ask('DELETE', `/api/v1/namespaces/${namespace}/services/${name}`)
    },
    putRuntimeClass: async (name, handler) => {
      await ask('POST', '/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name }, handler })
    },
    deleteRuntimeClass: async (name) => {
      await ask('DELETE', `/apis/node.k8s.io/v1/runtimeclasses/${name}`)
    },
    putClaim: async ({ namespace, name, metadata }) => {
      // No volume of another test fits it.
      const spec = { storageClassName: namespace, accessModes, resources: { requests: storage } }
      await ask('POST', claimPath(namespace), { metadata: { name, ...metadata }, spec })
    },
    bindClaim: async ({ namespace, name }, volume) => {
      const { metadata } = requireClaim('bind it', await ask('GET', claimPath(namespace, name)))
      const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid: metadata.uid }
      const spec = { storageClassName: namespace, accessModes, capacity: storage, ...volume.spec, claimRef }
      await ask('POST', '/api/v1/persistentvolumes', { metadata: { name: volume.name }, spec })
      const merge = 'application/merge-patch+json'
      await ask('PATCH', claimPath(namespace, name), { spec: { volumeName: volume.name } }, merge)
      await ask('PATCH', `${claimPath(namespace, name)}/status`, { status: { phase: 'Bound' } }, merge)
    },
    decideRequest: async (name, type) => {
      const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${name}`
      const conditions = [{ type, status: 'True', reason: 'TestDecides', message: 'as it was told' }]
      await ask('PATCH', `${path}/approval`, { status: { conditions } }, 'application/merge-patch+json')
    },
    deleteRequest: async (name) => {
      await ask('DELETE', `/apis/certificates.k8s.io/v1/certificatesigningrequests/${name}`)
    },
    updatePod: async ({ metadata: { namespace, name } }, patch) => {
      await ask('PATCH', pathOf(namespace, name), patch, 'application/strategic-merge-patch+json')
    },
    deletePod: async ({ metadata: { namespace, name } }, gracePeriodSeconds) => {
      await ask('DELETE', pathOf(namespace, name), { gracePeriodSeconds })
    },
  }
}

const accessModes = ['ReadWriteOnce']
const storage = { storage: '1Mi' }

function claimPath(namespace: string, name = ''): string {
  return `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`
}

function objectPath({ kind, namespace, name }: DataObjectRef): string {
  return `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`
}

async function ignoringAbsence(promise: Promise<unknown>): Promise<void> {
  try {
    await promise
  } catch (error) {
    if (!KubeletError.is(error, 'not-found')) throw error
  }
}
