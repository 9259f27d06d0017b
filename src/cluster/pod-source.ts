import type { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import type { BackOffLimits } from './back-off.ts'
import type { Cluster } from './cluster.ts'
import {
  changesFromDeleted,
  changesFromList,
  changesFromRewound,
  changesFromSet,
  type KnownPods,
  type PodChange,
} from './known-pods.ts'
import { listWatch, type ListWatchNews } from './list-watch.ts'

export interface PodSourceOptions {
  readonly cluster: Pick<Cluster, 'listPods' | 'watchPods'>
  readonly nodeName: string
  /** Told of each failure and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  readonly backOff?: BackOffLimits
}

/**
 * The Pods bound to this node, for ever, as `listWatch` reads them: what changes of each. Never throws for the server's
 * sake; ends when `signal` fires.
 */
export async function* podSource(
  { cluster, nodeName, ...options }: PodSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<PodChange> {
  const known = new Map<string, Pod>()
  let unreadable: ReadonlySet<string> = new Set()
  let synced = false
  const news = listWatch<Pod>(
    {
      ...options,
      what: 'Pods',
      list: (listSignal) => cluster.listPods(nodeName, listSignal),
      watch: (version, watchSignal) => cluster.watchPods(nodeName, version, watchSignal),
    },
    signal,
  )
  for await (const one of news) {
    const uids = unreadableAfter(unreadable, one)
    if (uids !== unreadable) yield { kind: 'unreadable', uids }
    unreadable = uids
    for (const change of changesFrom(known, one)) {
      if (change.kind === 'set') known.set(change.pod.metadata.uid, change.pod)
      if (change.kind === 'removed') known.delete(change.pod.metadata.uid)
      yield change
    }
    if (one.kind === 'listed' && !synced) {
      synced = true
      yield { kind: 'synced' }
    }
  }
}

function changesFrom(known: KnownPods, news: ListWatchNews<Pod>): readonly PodChange[] {
  switch (news.kind) {
    case 'listed': {
      const changes = news.isRewound === true ? changesFromRewound : changesFromList
      return changes(known, news.items, news.unreadable)
    }
    case 'set':
      return changesFromSet(known, news.object)
    case 'deleted':
      return changesFromDeleted(known, news.object)
    default:
      return news satisfies never
  }
}

/** Which Pods nobody can read now; the same set as before where the news say nothing of that. */
function unreadableAfter(before: ReadonlySet<string>, news: ListWatchNews<Pod>): ReadonlySet<string> {
  if (news.kind === 'listed') {
    const uids = new Set(news.unreadable)
    return uids.size === 0 && before.size === 0 ? before : uids
  }
  const { uid } = news.object.metadata
  return before.has(uid) ? new Set([...before].filter((other) => other !== uid)) : before
}
