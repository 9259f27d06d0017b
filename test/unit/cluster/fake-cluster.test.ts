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
      updatePod: async ({ metadata: { namespace, name } }, patch) => server.updatePod(namespace, name, patch),
      deletePod: async ({ metadata: { namespace, name } }, grace) => server.deletePodGracefully(namespace, name, grace),
    },
    [Symbol.asyncDispose]: async () => {},
  }
})
