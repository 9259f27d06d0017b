import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import type { PodSpec } from '../../src/model/kube.ts'
import { repositoryPath } from '../support/command.ts'
import type { TestNode } from '../support/test-node.ts'

/** An object of a manifest in deploy/examples, as far as these tests change it. */
interface Example {
  readonly spec?: object
  /** Of a RoleBinding. */
  readonly subjects?: readonly object[]
}

/** The objects of one of the manifests in deploy/examples. */
export async function readExample(file: string): Promise<readonly Example[]> {
  const text = await readFile(repositoryPath(`deploy/examples/${file}`), 'utf8')
  return parseAllDocuments(text).map((document) => {
    const example: Example = document.toJS()
    return example
  })
}

/**
 * Applies an example as a user does, but in the node's namespace, and so that the scheduler
 * can put its Pods on it alone.
 */
export async function applyExample(
  node: TestNode,
  file: string,
  change: (spec: PodSpec) => PodSpec = (spec) => spec,
): Promise<void> {
  const items = (await readExample(file)).map(({ spec: of, subjects, ...example }) => ({
    ...example,
    ...(of && { spec: inPodSpec(of, (spec) => within(node.name, change(spec))) }),
    ...(subjects && { subjects: subjects.map((subject) => ({ ...subject, namespace: node.kubectl.namespace })) }),
  }))
  await node.kubectl.feed('apply', { apiVersion: 'v1', kind: 'List', items })
}

/** Its own choice of nodes goes on to count. */
function within(nodeName: string, spec: PodSpec): PodSpec {
  const only = onlyOn(nodeName)
  return { ...spec, ...only, nodeSelector: { ...spec.nodeSelector, ...only.nodeSelector } }
}

/** A change of a Pod's spec: another image for its first container. */
export function withImage(image: string): (spec: PodSpec) => PodSpec {
  return ({ containers: [first, ...others], ...spec }) => {
    if (first === undefined) throw new Error('The example has no container')
    return { ...spec, containers: [{ ...first, image }, ...others] }
  }
}

/** Changes the spec of a Pod, or of the Pods of a template. */
function inPodSpec(spec: object, change: (spec: PodSpec) => PodSpec): object {
  if (hasTemplate(spec)) return { ...spec, template: { ...spec.template, spec: change(spec.template.spec) } }
  return isPodSpec(spec) ? change(spec) : spec
}

/** What brings a Pod to the node of a test, which is tainted against all others, and to no other. */
export function onlyOn(nodeName: string): Pick<PodSpec, 'nodeSelector' | 'tolerations'> {
  return {
    nodeSelector: { 'kubernetes.io/hostname': nodeName },
    tolerations: [{ key: 'e2e', operator: 'Exists' }],
  }
}

function hasTemplate(spec: object): spec is { readonly template: { readonly spec: PodSpec } } {
  return 'template' in spec
}

function isPodSpec(spec: object): spec is PodSpec {
  return 'containers' in spec
}
