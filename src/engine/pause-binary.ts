import { fileURLToPath } from 'node:url'
import { KubeletError } from '../model/errors.ts'

/** Where our pause binary for machines of this architecture is. Throws `unsupported` where there is none. */
export function pauseBinary(architecture: string): string {
  return fileURLToPath(new URL(`./pause/pause-${goArchitectureOf(architecture)}`, import.meta.url))
}

/** Docker reports the kernel's name of an architecture, Node has its own, images and binaries carry Go's. */
export function goArchitectureOf(architecture: string): 'amd64' | 'arm64' {
  switch (architecture) {
    case 'x86_64':
    case 'amd64':
    case 'x64':
      return 'amd64'
    case 'aarch64':
    case 'arm64':
      return 'arm64'
    default:
      throw new KubeletError(
        'unsupported',
        `There is no pause binary for "${architecture}": name an image that has one with --pod-infra-container-image`,
      )
  }
}
