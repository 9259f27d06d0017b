import { spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { hack, run, runWithInput } from './command.ts'
import { Feed } from './feed.ts'

/** One line of a watch. */
export interface Change<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

/** A watch that runs until it is disposed. */
export interface Watch<T> extends Disposable {
  readonly changes: Feed<Change<T>>
}

/** kubectl as an administrator of the cluster of the tests, in one namespace. */
export class Kubectl {
  readonly namespace: string
  readonly #binary: string
  readonly #kubeconfig: string

  private constructor(binary: string, kubeconfig: string, namespace: string) {
    this.#binary = binary
    this.#kubeconfig = kubeconfig
    this.namespace = namespace
  }

  /** On the test bed's cluster, or on the one that $KUBECONFIG names; started if it doesn't answer. */
  static async connect(namespace: string): Promise<Kubectl> {
    const kubeconfig = await hack('control-plane.sh', 'kubeconfig')
    const kubectl = new Kubectl(await ownBinary(), kubeconfig, namespace)
    await kubectl.run('get', '--raw', '/readyz').catch(() => hack('control-plane.sh', 'up'))
    return kubectl
  }

  /** The same with the kubectl on PATH, which may be of another release than the cluster. */
  onPath(): Kubectl {
    return new Kubectl('kubectl', this.#kubeconfig, this.namespace)
  }

  /** The minor version of the API server, 20 or 36: older ones drop fields that they don't know. */
  async serverMinor(): Promise<number> {
    const version: { readonly minor: string } = JSON.parse(await this.run('get', '--raw', '/version'))
    return Number.parseInt(version.minor, 10)
  }

  /** Makes the namespace, so that Pods are let in. */
  async makeNamespace(): Promise<void> {
    await this.run('create', 'namespace', this.namespace)
    // The controllers make it too, a moment later; without it no Pod is admitted.
    await this.run('create', 'serviceaccount', 'default').catch((error: unknown) => {
      // Newer kubectls say it in words.
      if (!/already ?exists/iu.test(String(error))) throw error
    })
  }

  /** The program, with what it is told each time: which cluster, which namespace. */
  get command(): readonly string[] {
    return [this.#binary, ...this.#place]
  }

  /** What kubectl prints; throws with what it complains about when it fails. */
  run(...args: readonly string[]): Promise<string> {
    return run(this.#binary, ...this.#place, ...args)
  }

  /** `kubectl apply -f -`, or another verb, of objects in YAML or JSON. */
  feed(verb: 'apply' | 'create' | 'replace', manifest: string | object, ...flags: readonly string[]): Promise<string> {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
    return runWithInput(text, this.#binary, ...this.#place, verb, '-f', '-', ...flags)
  }

  /** An object as the API server has it. The type is the server's promise. */
  async get<T>(...args: readonly string[]): Promise<T> {
    const object: T = JSON.parse(await this.run('get', '-o', 'json', ...args))
    return object
  }

  /**
   * Every object that an API path has and will have, from now on; with `name` only that one. The type is the server's
   * promise.
   */
  watch<T>(path: string, name?: string): Watch<T> {
    const query = name === undefined ? 'watch=true' : `watch=true&fieldSelector=metadata.name=${name}`
    const changes = new Feed<Change<T>>(`Watch of ${path}`)
    const child = spawn(this.#binary, [...this.#place, 'get', '--raw', `${path}?${query}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let isOver = false
    createInterface(child.stdout).on('line', (line) => {
      // What was cut off when it was ended is no change.
      if (isOver) return
      const change: Change<T> = JSON.parse(line)
      changes.push(change)
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    child.once('close', (code) => changes.end(new Error(`kubectl ended with ${String(code)}: ${complaint}`)))
    const end = (): void => {
      isOver = true
      child.kill()
    }
    return { changes, [Symbol.dispose]: end }
  }

  get #place(): readonly string[] {
    return ['--kubeconfig', this.#kubeconfig, '--namespace', this.namespace]
  }
}

/** The kubectl that came with the control plane's binaries; where there is none, the one on PATH. */
async function ownBinary(): Promise<string> {
  const { MINIKUBELET_TESTBED: cache = '/var/cache/minikubelet-testbed', KUBEBUILDER_ASSETS: assets } = process.env
  const folders = [...(assets === undefined ? [] : [assets]), `${cache}/kubernetes/bin`]
  for (const folder of folders) if (await isThere(`${folder}/kubectl`)) return `${folder}/kubectl`
  return 'kubectl'
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
