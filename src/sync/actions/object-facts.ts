import { KubeletError } from '../../model/errors.ts'
import type { DataObject, DataObjectRef } from '../../model/kube.ts'
import { dataKey } from '../../translate/environment/data-refs.ts'
import type { SpecRun } from '../pod-run.ts'

/** ConfigMaps and Secrets by `dataKey`: each as it is now, or why it could not be had. Throws `aborted` only. */
export async function readObjects(
  run: SpecRun,
  refs: readonly DataObjectRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DataObject | KubeletError>> {
  const read = refs.map(async (ref) => [dataKey(ref), await readObject(run, ref, signal)] as const)
  return new Map(await Promise.all(read))
}

async function readObject(
  { context, uid }: SpecRun,
  ref: DataObjectRef,
  signal: AbortSignal,
): Promise<DataObject | KubeletError> {
  const { kind, namespace, name } = ref
  if (context.objects === undefined) {
    const what = kind === 'ConfigMap' ? 'configMap' : 'secret'
    return new KubeletError('invalid', `couldn't get ${what} ${namespace}/${name}, no kubeClient defined`)
  }
  return orFailure(context.objects.data.get(uid, ref, signal))
}

/** What was read, or the error that it ended with. Throws `aborted` only. */
export async function orFailure<T>(read: Promise<T>): Promise<T | KubeletError> {
  try {
    return await read
  } catch (error) {
    if (KubeletError.is(error, 'aborted')) throw error
    return KubeletError.from(error)
  }
}
