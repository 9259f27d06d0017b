import { docker } from './command.ts'

/** Docker's OCI runtimes by their names, and the one that it takes where none is named. */
interface Runtimes {
  /** Whether it has the one with which the containers of a Pod share its UTS namespace (deploy/minikubelet-runc). */
  readonly hasWrapper: boolean
  readonly usual: string
}

/** Of the tests' Docker, which may have been prepared for the agent or not (hack/matrix.sh tries both). */
export async function ociRuntimes(): Promise<Runtimes> {
  const names = await docker('info', '--format', '{{.DefaultRuntime}}{{range $name, $_ := .Runtimes}} {{$name}}{{end}}')
  const [usual = '', ...all] = names.split(' ')
  return { hasWrapper: all.includes('minikubelet'), usual }
}
