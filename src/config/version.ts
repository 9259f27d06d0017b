import { readFileSync } from 'node:fs'

/** The Kubernetes release whose rules the agent follows. */
export const kubernetesRelease = 'v1.36.0'

/** The same as probes and hooks call themselves by it: `kube-probe/1.36`, `kube-lifecycle/1.36`. */
export const kubernetesMinorRelease = kubernetesRelease.replace(/^v(\d+\.\d+)\..*$/u, '$1')

/**
 * The agent's `kubeletVersion`: a release that clients parse, with our own version as its build
 * (`v1.36.0+minikubelet.0.1.0`). package.json lies two folders up from here both in `src/` and in `dist/`.
 */
export function kubeletVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return `${kubernetesRelease}+minikubelet.${versionOf(manifest)}`
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version
  }
  return '0.0.0'
}
