import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from './agent.ts'
import { everyStep } from './every-step.ts'
import { freePort } from './free-port.ts'
import { Kubectl, type Change, type Watch } from './kubectl.ts'
import { unmountAndRemove } from './mounts.ts'

/** A request for a certificate, as far as tests look at it. */
export interface KubeSigningRequest {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: { readonly username: string; readonly signerName: string; readonly usages: readonly string[] }
  readonly status: { readonly certificate?: string }
}

/** The roles that kubeadm gives to whoever has a bootstrap token: may ask, and gets what was asked for. */
export type BootstrapRole = 'ask' | 'be approved'

const roles: Readonly<Record<BootstrapRole, string>> = {
  ask: 'system:node-bootstrapper',
  'be approved': 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
}

/** A machine that is no node yet: it has a bootstrap token, in a kubeconfig, and what that may do is its own. */
export class JoiningNode implements AsyncDisposable {
  readonly name: string
  readonly folder: string
  readonly kubectl: Kubectl
  readonly port: number
  readonly #tokenId: string
  readonly #bindings: readonly string[]
  readonly #requests: Watch<KubeSigningRequest>
  readonly #agents: Agent[] = []

  private constructor(
    made: Pick<JoiningNode, 'name' | 'folder' | 'kubectl' | 'port'>,
    tokenId: string,
    bindings: readonly string[],
  ) {
    this.name = made.name
    this.folder = made.folder
    this.kubectl = made.kubectl
    this.port = made.port
    this.#tokenId = tokenId
    this.#bindings = bindings
    this.#requests = this.kubectl.watch('/apis/certificates.k8s.io/v1/certificatesigningrequests')
  }

  static async make(...may: readonly BootstrapRole[]): Promise<JoiningNode> {
    const name = `joins-${randomBytes(4).toString('hex')}`
    const kubectl = await Kubectl.connect('kube-system')
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'minikubelet-joins-')), await freePort()]
    const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')]
    const group = `system:bootstrappers:${name}`
    const bindings = may.map((role) => `${name}-${role.replaceAll(' ', '-')}`)
    await kubectl.feed('create', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': id,
        'token-secret': secret,
        'usage-bootstrap-authentication': 'true',
        'auth-extra-groups': group,
      },
    })
    for (const [index, role] of may.entries()) {
      await kubectl.run(
        'create',
        'clusterrolebinding',
        bindings[index] ?? '',
        '--clusterrole',
        roles[role],
        '--group',
        group,
      )
    }
    await writeFile(join(folder, 'bootstrap'), await bootstrapKubeconfig(kubectl, `${id}.${secret}`))
    return new JoiningNode({ name, folder, kubectl, port }, id, bindings)
  }

  /** The kubeconfig that the agent writes. */
  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig')
  }

  /** The folder of its certificates. */
  get pki(): string {
    return join(this.folder, 'root', 'pki')
  }

  start(...flags: readonly string[]): Agent {
    const agent = new Agent(
      `--kubeconfig=${this.kubeconfig}`,
      `--bootstrap-kubeconfig=${join(this.folder, 'bootstrap')}`,
      `--hostname-override=${this.name}`,
      `--root-dir=${join(this.folder, 'root')}`,
      '--node-ip=127.0.0.1',
      '--address=127.0.0.1',
      `--port=${this.port}`,
      '--healthz-port=0',
      // So that the scheduler brings no Pods of other tests here.
      `--register-with-taints=e2e=${this.name}:NoSchedule`,
      ...flags,
    )
    this.#agents.push(agent)
    return agent
  }

  /** The names of the requests that this machine has made, with its token or as the node. */
  requests(): readonly string[] {
    return [
      ...new Set(
        this.#requests.changes.items.filter((change) => this.#isOurs(change)).map(({ object }) => object.metadata.name),
      ),
    ]
  }

  /** A request of this machine's to that signer, as it is when `test` holds for it. */
  async untilRequest(
    signerName: string,
    what: string,
    test: (request: KubeSigningRequest) => boolean = () => true,
  ): Promise<KubeSigningRequest> {
    const found = await this.#requests.changes.first(
      `a request to ${signerName} ${what}`,
      (change) => this.#isOurs(change) && change.object.spec.signerName === signerName && test(change.object),
    )
    return found.object
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const remove = (kind: string, name: string) => () =>
      this.kubectl.run('delete', kind, name, '--ignore-not-found', '--wait=false')
    await everyStep(
      ...this.#agents.map((agent) => () => agent.kill()),
      () => this.#requests[Symbol.dispose](),
      ...this.requests().map((name) => remove('csr', name)),
      remove('secret', `bootstrap-token-${this.#tokenId}`),
      ...this.#bindings.map((binding) => remove('clusterrolebinding', binding)),
      remove('node', this.name),
      () => unmountAndRemove(this.folder),
    )
  }

  #isOurs({ object }: Change<KubeSigningRequest>): boolean {
    return [`system:bootstrap:${this.#tokenId}`, `system:node:${this.name}`].includes(object.spec.username)
  }
}

/** The administrator's cluster with another user, who has nothing but the token. */
async function bootstrapKubeconfig(kubectl: Kubectl, token: string): Promise<string> {
  const text = await kubectl.run('config', 'view', '--minify', '--raw', '--flatten', '-o', 'json')
  const config: { readonly clusters: readonly [{ readonly cluster: object }] } = JSON.parse(text)
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bootstrap',
    contexts: [{ name: 'bootstrap', context: { cluster: 'here', user: 'token' } }],
    clusters: [{ name: 'here', cluster: config.clusters[0].cluster }],
    users: [{ name: 'token', user: { token } }],
  })
}
