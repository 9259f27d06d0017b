import type { Pod } from '../../src/model/kube.ts'
import { serverOf } from '../integration/cluster-harness.ts'
import { TcpProxy } from '../integration/tcp-proxy.ts'
import { docker, run } from '../support/command.ts'
import type { TestNode } from '../support/test-node.ts'

/**
 * What kube-proxy does on a real node, for one Pod and one Service: a connection to the address of the Service `kubernetes`
 * comes out at the API server. The test bed has no kube-proxy, and its API server listens on loopback alone, where no Pod
 * can go: so the way leads through a door at the address that the Pod's network knows this machine by.
 */
export async function routeToApiServer(node: TestNode, pod: Pod): Promise<AsyncDisposable> {
  const [{ hostname, port }, door, service] = await Promise.all([
    serverOf(node.kubeconfig),
    docker('network', 'inspect', 'bridge', '--format', '{{range .IPAM.Config}}{{.Gateway}}{{end}}'),
    node.kubectl.run('get', 'service/kubernetes', '--namespace=default', '-o=jsonpath={.spec.clusterIP}'),
  ])
  await using opened = new AsyncDisposableStack()
  const proxy = opened.use(await TcpProxy.to(hostname, Number(port), door))
  const rule = ['PREROUTING', '--source', pod.status?.podIP ?? '', '--destination', service, '--protocol', 'tcp']
  const target = ['--dport', '443', '--jump', 'DNAT', '--to-destination', `${door}:${proxy.port}`]
  const change = (how: string): Promise<string> => run('iptables', '--wait', '-t', 'nat', how, ...rule, ...target)
  await change('--append')
  opened.defer(async () => void (await change('--delete')))
  return opened.move()
}
