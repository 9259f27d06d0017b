import type { ContainerSpec } from '../../../src/model/kube.ts'
import type { SpareDocker } from '../../support/spare-docker.ts'
import { describeMount, readMounts } from './mount-table.ts'

/** For each path of each place one line: path, what it is, where it leads or what is in it. */
const listing = String.raw`
id
cat /proc/self/mountinfo
echo
for place in "$@"; do
  find "$place" | sort | while read -r path; do
    if [ -L "$path" ]; then rest="-> $(readlink "$path")"
    elif [ -f "$path" ]; then rest=$(cat "$path" | base64 -w 0)
    else rest=; fi
    printf '%s\t%s\t%s\n' "$path" "$(stat -c '%F %a %u:%g' "$path")" "$rest"
  done
done 2>&1
`

/** What a process of a running container finds where its volumes are mounted, and how those are mounted. */
export async function lookIntoVolumes(
  docker: SpareDocker,
  id: string,
  { volumeMounts = [] }: ContainerSpec,
  rootDevice: string,
): Promise<ReadonlyMap<string, string>> {
  const places = volumeMounts.map(({ mountPath }) => (mountPath.startsWith('/') ? mountPath : `/${mountPath}`))
  const text = await docker.run('exec', id, 'sh', '-c', listing, 'sh', ...places)
  const [head = '', files = ''] = text.split('\n\n')
  const [user = '', ...mountinfo] = head.split('\n')
  const found = new Map([['id', user]])
  for (const mount of readMounts(mountinfo.join('\n')).filter(({ at }) => places.includes(at))) {
    found.set(`mount ${mount.at}`, describeMount(mount, rootDevice))
  }
  for (const line of files.split('\n').filter(Boolean)) {
    const [path = '', what = '', rest = ''] = line.split('\t')
    const isContent = what.startsWith('regular')
    found.set(path, `${what} ${isContent ? JSON.stringify(Buffer.from(rest, 'base64').toString()) : rest}`.trim())
  }
  return found
}
