import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Service } from '../../model/kube.ts'
import { isStaticPod } from '../../model/pod.ts'
import { hostIps, podIps } from '../../status/pod-ips.ts'
import {
  fileKey,
  type EnvironmentFacts,
  type FileRef,
  type FileValue,
} from '../../translate/environment/container-environment.ts'
import { environmentRefs } from '../../translate/environment/data-refs.ts'
import { masterNamespace } from '../../translate/environment/service-variables.ts'
import type { SpecRun } from '../pod-run.ts'
import { orFailure, readObjects } from './object-facts.ts'

/** How long a container waits for the first list of Services before that is its failure. */
const servicesLimitMs = 1000

/**
 * Gathers what a container's variables are made of: what the API server has, what files say, where the Pod and the node
 * are. What can't be had is a fact, too: whether it matters is for the translation to say. Throws `aborted` only.
 */
export async function environmentFacts(run: SpecRun, container: ContainerSpec): Promise<EnvironmentFacts> {
  const { context, pod, uid, phaseSignal } = run
  const { nodeIps } = context
  const [services, objects, fileValues] = await Promise.all([
    readServices(run),
    readObjects(run, environmentRefs(pod, container), phaseSignal),
    readFiles(run, container),
  ])
  if (phaseSignal.aborted)
    throw new KubeletError('aborted', `The environment of "${container.name}" is not needed any more`)
  return {
    services,
    objects,
    fileValues,
    hostIps: (hostIps(nodeIps).hostIPs ?? []).map(({ ip }) => ip),
    podIps: podIps(pod, context.observed.get(uid), { nodeIps, previous: undefined }),
    allocatable: context.node().status?.allocatable ?? {},
  }
}

/** A static Pod doesn't wait for them: it may be what makes the API server answer. */
async function readServices({ context, pod, phaseSignal }: SpecRun): Promise<readonly Service[] | undefined> {
  const services = context.objects?.services
  if (services === undefined) return []
  if (!isStaticPod(pod)) await services.ready(servicesLimitMs, phaseSignal)
  return services.of(masterNamespace, pod.metadata.namespace) ?? (isStaticPod(pod) ? [] : undefined)
}

async function readFiles(
  { context, pod }: SpecRun,
  { env = [] }: ContainerSpec,
): Promise<ReadonlyMap<string, FileValue | KubeletError>> {
  const refs = env.flatMap(({ value, valueFrom }): readonly FileRef[] =>
    value || valueFrom?.fileKeyRef === undefined ? [] : [valueFrom.fileKeyRef],
  )
  const read = refs.map(async (ref) => [fileKey(ref), await orFailure(context.volumes.readVariable(pod, ref))] as const)
  return new Map(await Promise.all(read))
}
