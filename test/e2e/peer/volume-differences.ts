import type { Stated } from './differences.ts'

const absent = /^-$/u
const any = /^(?!-$)/u

/** In what the volumes of our Pods differ from those of the real kubelet 1.20. */
export const statedVolumeDifferences: readonly Stated[] = [
  {
    what: 'the size of a volume in memory',
    where: / mount \S+$/u,
    theirs: /^tmpfs \S+ \S+ (?:shared )?rw$/u,
    ours: /^tmpfs \S+ \S+ (?:shared )?rw,size=\d+k/u,
    why: "today's kubelet says how large it may become, and that it is not swapped out",
  },
  {
    what: 'who owns links where there is an fsGroup',
    where: /(?:grouped|sub-paths) .*(?:volumes|settings)\S*$/u,
    theirs: /^(?:link|symbolic link 777) 0:0 ->/u,
    ours: /^(?:link|symbolic link 777) 0:3000 ->/u,
    why: "today's kubelet gives links to the group, too",
  },
  {
    what: 'a resolver of its own',
    where: / etc-resolv\.conf$/u,
    theirs: absent,
    ours: any,
    why: "a dockershim writes over Docker's own file, which Docker may write anew",
  },
  {
    what: 'which instance of a container was the last to be started',
    where: / containers\/[-a-z]+\/last-started$/u,
    theirs: absent,
    ours: any,
    why: 'an agent that comes back reads it there',
  },
]
