import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { PodSpec } from '../../src/model/kube.ts'
import { repositoryPath } from '../support/command.ts'
import type { TestNode } from '../support/test-node.ts'

/** One of the manifests in deploy/examples, as far as these tests change it. */
export interface Example {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: object
}

/** Applies an example as a user does, but so that the scheduler can put its Pods on one node only. */
export async function applyExample(
  node: TestNode,
  file: string,
  change: (spec: PodSpec) => PodSpec = (spec) => spec,
): Promise<void> {
  const text = await readFile(repositoryPath(`deploy/examples/${file}`), 'utf8')
  const example: Example = parse(text)
  await node.kubectl.feed('apply', {
    ...example,
    spec: inPodSpec(example.spec, (spec) => ({ ...change(spec), ...onlyOn(node.name) })),
  })
}

/** Changes the spec of a Pod, or of the Pods of a template. */
function inPodSpec(spec: object, change: (spec: PodSpec) => PodSpec): object {
  if (hasTemplate(spec)) return { ...spec, template: { ...spec.template, spec: change(spec.template.spec) } }
  return isPodSpec(spec) ? change(spec) : spec
}

function onlyOn(nodeName: string): Pick<PodSpec, 'nodeSelector' | 'tolerations'> {
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
