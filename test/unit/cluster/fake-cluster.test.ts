import { clusterContract } from '../../contract/cluster.contract.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

clusterContract('FakeCluster', async () => {
  const server = new FakeApiServer()
  return {
    cluster: new FakeCluster({ server, nodeName: 'node-1' }),
    nodeName: 'node-1',
    namespace: 'default',
    admin: {
      createPod: async (pod) => server.createPod(pod),
      putObject: async (object) => server.objects.put(object),
      deleteObject: async (ref) => server.objects.delete(ref),
      putService: async (service) => server.objects.putService(service),
      deleteService: async (namespace, name) => server.objects.deleteService(namespace, name),
      putRuntimeClass: async (name, handler) => server.objects.putRuntimeClass(name, handler),
      deleteRuntimeClass: async (name) => server.objects.deleteRuntimeClass(name),
      putClaim: async (claim) => server.claims.putClaim(claim),
      bindClaim: async ({ namespace, name }, volume) => {
        server.claims.putVolume(volume)
        server.claims.bind(namespace, name, volume.name)
      },
      decideRequest: async (name, decision) => {
        const nowMs = Date.now()
        if (decision === 'Approved') server.signing.issue(name, nowMs, nowMs + 3_600_000)
        else server.signing.decide(name, { kind: 'denied', reason: 'TestDecides', message: 'as it was told' })
      },
      deleteRequest: async (name) => server.signing.delete(name),
      updatePod: async ({ metadata: { namespace, name } }, patch) => server.updatePod(namespace, name, patch),
      deletePod: async ({ metadata: { namespace, name } }, grace) => server.deletePodGracefully(namespace, name, grace),
    },
    [Symbol.asyncDispose]: async () => {},
  }
})
