import { goFloat } from '../util/go-float.ts'
import type { MetricFamily, MetricLabel } from './metric-family.ts'

/** What the kubelet answers every scrape with: it offers OpenMetrics to nobody (component-base/metrics/legacyregistry). */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

/**
 * The text of families in Prometheus' format, version 0.0.4, sorted by their names. A family without samples is left out,
 * as the kubelet does it.
 */
export function expositionText(families: Iterable<MetricFamily>): string {
  let text = ''
  for (const { name, help, type, samples } of [...families].toSorted(byName)) {
    let lines = ''
    for (const { suffix = '', labels, value, timestampMs } of samples) {
      lines += `${name}${suffix}${labelText(labels)} ${goFloat(value)}`
      lines += timestampMs === undefined ? '\n' : ` ${Math.trunc(timestampMs)}\n`
    }
    if (lines !== '') text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines}`
  }
  return text
}

function byName(a: MetricFamily, b: MetricFamily): number {
  return a.name < b.name ? -1 : 1
}

function labelText(labels: readonly MetricLabel[]): string {
  if (labels.length === 0) return ''
  let text = ''
  for (const [name, value] of labels) text += `${text === '' ? '{' : ','}${name}="${escapeLabel(value)}"`
  return `${text}}`
}

/** Most values have nothing to escape, and there are thousands of them in a scrape. */
function escapeLabel(value: string): string {
  if (!special.test(value)) return value
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

const special = /[\\\n"]/u
