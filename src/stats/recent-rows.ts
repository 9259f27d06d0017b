import { isResourcesOnly, type Extent, type UsageRow } from './reading.ts'

/**
 * How long what was read of a cgroup is good for the next who asks. Monitoring asks for the summary and for cAdvisor's
 * metrics in one go; the kubelet answers both from one look that is up to ten seconds old (cAdvisor's housekeeping).
 */
const sharedMs = 2000

/** Each has what the one before it has. */
const extents: readonly Extent[] = ['usage', 'resources', 'summary', 'metrics']

interface RecentRow {
  readonly extent: Extent
  readonly row: UsageRow
}

/** What was read of cgroups a moment ago, for those who ask for as much or for less. */
export class RecentRows {
  readonly #rows = new Map<string, RecentRow>()

  /**
   * `undefined` where nothing fresh is known, or less than is asked for. What `/metrics/resource` has costs little, and
   * whoever asks for it makes rates of it, which need a later look each time.
   */
  find(path: string, extent: Extent): UsageRow | undefined {
    if (extent === 'usage') return undefined
    const recent = this.#rows.get(path)
    if (recent === undefined || !isFresh(recent)) return undefined
    if (extents.indexOf(recent.extent) < extents.indexOf(extent)) return undefined
    return isResourcesOnly(extent) ? { ...recent.row, details: undefined } : recent.row
  }

  add(extent: Extent, row: UsageRow): UsageRow {
    this.#rows.set(row.id, { extent, row })
    return row
  }

  /** Forgets what is of no use any more. */
  forget(): void {
    for (const [path, recent] of this.#rows) if (!isFresh(recent)) this.#rows.delete(path)
  }
}

function isFresh({ row }: RecentRow): boolean {
  return Math.abs(Date.now() - row.usage.atMs) < sharedMs
}
