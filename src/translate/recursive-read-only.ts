import { KubeletError } from '../model/errors.ts'
import type { VolumeMountSpec } from '../model/kube.ts'
import { goQuote } from '../util/go-quote.ts'

/**
 * Whether a mount is read-only together with what is mounted beneath it (resolveRecursiveReadOnly in
 * pkg/kubelet/kubelet_pods.go); `isSupported`: its container's runtime can do that. Throws `invalid`, or `unsupported`, in
 * the kubelet's words where it asks for what cannot be.
 */
export function isRecursiveReadOnly(mount: VolumeMountSpec, isSupported: boolean): boolean {
  const { name, readOnly, recursiveReadOnly: mode, mountPropagation } = mount
  if (mode === undefined || mode === 'Disabled') return false
  const asked = `volume ${goQuote(name)} requested recursive read-only mode, but it is not`
  if (readOnly !== true) throw refused('invalid', `${asked} read-only`)
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    throw refused('invalid', `${asked} compatible with propagation ${goQuote(mountPropagation)}`)
  }
  switch (mode) {
    case 'IfPossible':
      return isSupported
    case 'Enabled':
      if (!isSupported) throw refused('unsupported', `${asked} supported by the runtime`)
      return true
    default:
      throw refused('invalid', `unknown recursive read-only mode ${goQuote(mode)}`)
  }
}

function refused(code: 'invalid' | 'unsupported', why: string): KubeletError {
  return new KubeletError(code, `failed to resolve recursive read-only mode: ${why}`)
}
