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
    where: /(?:grouped|sub-paths) /u,
    theirs: /^(?:link|symbolic link 777) 0:0 ->/u,
    ours: /^(?:link|symbolic link 777) 0:3000 ->/u,
    why: "today's kubelet gives links to the group, too",
  },
  {
    what: 'who owns the link to a token',
    where: /projected-\S+ .*\/(?:token|deep)$/u,
    theirs: /^(?:link|symbolic link 777) 0:0 ->/u,
    ours: /^(?:link|symbolic link 777) 1000:(?:0|3000) ->/u,
    why: "today's kubelet gives it to the user of the token, too",
  },
  {
    what: 'the mode of folders on the way to a part of a volume',
    where: /sub-paths /u,
    theirs: /^directory 2755 0:3000$/u,
    ours: /^directory 2777 0:3000$/u,
    why: "today's kubelet gives each the mode of the volume, not the last one only",
  },
  {
    what: 'the mode of the folder of a Pod',
    where: / disk (?:\.|volumes)$/u,
    theirs: /^directory 755 0:0$/u,
    ours: /^directory 750 0:0$/u,
    why: "on a busy machine the kubelet's volume manager may come before whoever makes the folder, and makes it for all to read",
    isSeldom: true,
  },
  {
    what: 'the mount of a local volume that is to be read only',
    where: / mount \S+-read$/u,
    theirs: / rw,relatime shared$/u,
    ours: / ro,relatime shared$/u,
    why: 'the kubelet of the test has its mounts to itself, and that one is read-only does not show elsewhere',
  },
  {
    what: 'a note that a local volume is its group’s',
    where: /claims-grouped disk plugins\/kubernetes\.io~local-volume/u,
    theirs: absent,
    ours: any,
    why: 'so that it is given to the group once for each mount, whatever stops that halfway',
  },
  {
    what: 'a condition of Pods',
    where: / told condition PodReadyToStartContainers$/u,
    theirs: absent,
    ours: any,
    why: 'it came later',
  },
  {
    what: 'what is told of a claim that has no volume',
    where: /-claim told event$/u,
    theirs: /: unmounted volumes=\[data\], unattached volumes=\[data\]: error processing PVC/u,
    ours: /: unmounted volumes=\[data\], unattached volumes=\[\], failed to process volumes=\[data\]: error processing PVC/u,
    why: "today's kubelet tells which volumes failed before they were mounted",
  },
  {
    what: 'what is told of a driver that is not there',
    where: /^no-driver told event$/u,
    theirs: /not supported by driver nobody\.example \(no CSIDriver object\)$/u,
    ours: /does not support a volume of type csi \(driver "nobody\.example"\)$/u,
    why: 'there are no drivers here',
  },
  {
    what: 'a resolver of its own',
    where: / etc-resolv\.conf$/u,
    theirs: absent,
    ours: any,
    why: "a dockershim writes over Docker's own file, which Docker may write anew",
  },
]
