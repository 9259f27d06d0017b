import type { SpareDocker } from '../../support/spare-docker.ts'

/** What a process in a container finds, one line for each `<what> <value>`. */
const script = String.raw`
say() { printf '%s %s\n' "$1" "$(printf %s "$(eval "$2" 2>&1)" | tr '\t\n' ' |')"; }
say hostname hostname
say hosts 'cat /etc/hosts'
say resolv.conf 'cat /etc/resolv.conf'
say id id
for what in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp; do say $what "sed -n 's/^$what:[[:space:]]*//p' /proc/self/status"; done
say score 'cat /proc/self/oom_score_adj'
say cpu.shares 'cat /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us'
say memory 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'
say directory pwd
say root 'touch /there-is-room && rm /there-is-room'
say shm 'df -k /dev/shm | tail -n 1'
say range 'cat /proc/sys/net/ipv4/ip_local_port_range'
`

/** What it looks like in a running container, by what was looked at. */
export async function lookInside(docker: SpareDocker, id: string): Promise<ReadonlyMap<string, string>> {
  const text = await docker.run('exec', id, 'sh', '-c', script)
  return new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf(' ')
      return [line.slice(0, at), inOneOrder(line.slice(at + 1))]
    }),
  )
}

/** The kubelet has the options of a resolver in any order, another one each time. */
function inOneOrder(text: string): string {
  return text.replace(/(?<=\|options )[^|]*/u, (options) => options.split(' ').toSorted().join(' '))
}
