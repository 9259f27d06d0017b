import type { MetricFamily } from './metric-family.ts'

export interface BuildInfo {
  /** `v1.36.0+minikubelet.0.1.0` */
  readonly version: string
  /** As Go has them: `linux/amd64`. */
  readonly platform: string
}

/** Which release this is, as a metric that is always 1 (component-base/metrics/version.go). Nobody built it with Go. */
export function buildInfo({ version, platform }: BuildInfo): MetricFamily {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/u.exec(version) ?? []
  return {
    name: 'kubernetes_build_info',
    help: '[ALPHA] Always 1; the labels say which release this is.',
    type: 'gauge',
    samples: [
      {
        labels: [
          ['build_date', ''],
          ['compiler', ''],
          ['git_commit', ''],
          ['git_tree_state', ''],
          ['git_version', version],
          ['go_version', ''],
          ['major', major],
          ['minor', minor],
          ['platform', platform],
        ],
        value: 1,
      },
    ],
  }
}

/** Which cgroups Docker's host has. */
export function cgroupVersion(version: '1' | '2'): MetricFamily {
  return {
    name: 'kubelet_cgroup_version',
    help: "[ALPHA] The version of the cgroups of Docker's host.",
    type: 'gauge',
    samples: [{ labels: [], value: Number(version) }],
  }
}
