import type { Settings } from './inspected.ts'

/** One setting that differs; what is not there is `-`. */
export interface Difference {
  /** `<pod> <container> <path>`. */
  readonly where: string
  readonly theirs: string
  readonly ours: string
}

/** Everything in which ours differ from theirs. */
export function differences(
  theirs: ReadonlyMap<string, Settings>,
  ours: ReadonlyMap<string, Settings>,
): readonly Difference[] {
  return keysOf(theirs, ours).flatMap((container) => {
    const [mine, other] = [ours.get(container) ?? new Map(), theirs.get(container) ?? new Map()]
    return keysOf(mine, other)
      .map((path) => ({
        where: `${container} ${path}`,
        theirs: other.get(path) ?? '-',
        ours: mine.get(path) ?? '-',
      }))
      .filter((difference) => difference.theirs !== difference.ours)
  })
}

function keysOf(...maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].toSorted()
}

/** Differences that are meant; those of `where`, and of what stands there. */
export interface Stated {
  readonly what: string
  readonly where: RegExp
  readonly theirs: RegExp
  readonly ours: RegExp
  readonly why: string
  /** The minor version of Docker's API from which on both are alike. */
  readonly untilApi?: number
  /** It is not there each time: two things that the kubelet does side by side have no order. */
  readonly isSeldom?: boolean
}

export function isStated({ where, theirs, ours }: Difference, stated: Stated): boolean {
  return stated.where.test(where) && stated.theirs.test(theirs) && stated.ours.test(ours)
}

const absent = /^-$/u
const any = /^(?!-$)/u

export const statedDifferences: readonly Stated[] = [
  {
    what: 'the labels of a dockershim',
    where: / Config\.Labels\.(?:annotation\.|io\.kubernetes\.docker\.type$)/u,
    theirs: any,
    ours: absent,
    why: 'who has the labels of a dockershim is taken, and ended, by the next one that comes to this Docker',
  },
  {
    what: 'labels of our own',
    where: / Config\.Labels\.minikubelet\./u,
    theirs: absent,
    ours: any,
    why: 'the state of ours is in its own labels',
  },
  {
    what: 'the OCI runtime',
    where: / HostConfig\.Runtime$/u,
    theirs: /^"testbed"$/u,
    ours: /^"minikubelet"$/u,
    why: 'a dockershim only copies the hostname; the UTS namespace is shared by a runtime that knows how to join it',
  },
  {
    what: 'which paths of the kernel are hidden',
    where: / HostConfig\.(?:MaskedPaths|ReadonlyPaths)$/u,
    theirs: any,
    ours: any,
    why: "the kubelet's list is longer today",
  },
  {
    what: 'Binds',
    where: / HostConfig\.Binds\./u,
    theirs: any,
    ours: absent,
    why: 'the form; what comes of both is under Mounts',
  },
  {
    what: 'Mounts',
    where: / HostConfig\.Mounts$/u,
    theirs: absent,
    ours: any,
    why: 'the form; what comes of both is under Mounts',
  },
  {
    what: 'the mode of a mount',
    where: / Mounts\.[^ ]+\.Mode$/u,
    theirs: any,
    ours: absent,
    why: 'Docker repeats the form that was used',
  },
  {
    what: 'the name of the file for the last words',
    where: / Mounts\.[^ ]+\.Source$/u,
    theirs: /^"<pod folder>\/containers\/[-a-z]+\/[0-9a-f]{8}"$/u,
    ours: /^"<pod folder>\/containers\/[-a-z]+\/0000000\d"$/u,
    why: 'the file of the last words has a random name, or one that a new agent finds again',
  },
  {
    what: 'resolv.conf',
    where: / POD (?:HostConfig\.Mounts|Mounts\.\/etc\/resolv\.conf\.)/u,
    theirs: absent,
    ours: any,
    why: "a dockershim writes over Docker's own file, which Docker may write anew",
  },
  {
    what: 'ports of the host where the Pod has its network',
    where: /^host-\S+ POD HostConfig\.PortBindings\./u,
    theirs: any,
    ours: absent,
    why: 'Docker takes no notice of them there',
  },
  {
    what: 'a restart policy that is said',
    where: / POD HostConfig\.RestartPolicy\.Name$/u,
    theirs: absent,
    ours: /^"no"$/u,
    why: 'it is the default',
    untilApi: 44,
  },
  {
    what: 'the sandbox of a privileged container',
    where: /^privileged POD HostConfig\./u,
    theirs: /./u,
    ours: /./u,
    why: 'since cri-dockerd the sandbox of a privileged container is privileged, too',
  },
]
