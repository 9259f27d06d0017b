/** Files of cgroups as kernels have written them, by the controller's folder and their name. */

/** A container with half a CPU and 100 MiB, of kernel 6.18 with version 1 and version 2's own hierarchy beside it. */
export const filesOfV1: Readonly<Record<string, string>> = {
  'cpuacct/cpuacct.usage': '130340257\n',
  'cpuacct/cpuacct.stat': 'user 12\nsystem 1\n',
  'cpu/cpu.stat': 'nr_periods 6\nnr_throttled 2\nthrottled_time 51000000\nnr_bursts 0\nburst_time 0\n',
  'cpu/cpu.shares': '1024\n',
  'cpu/cpu.cfs_quota_us': '50000\n',
  'cpu/cpu.cfs_period_us': '100000\n',
  'cpu/cgroup.procs': '4711\n4712\n',
  'memory/memory.usage_in_bytes': '3858432\n',
  'memory/memory.max_usage_in_bytes': '5013504\n',
  'memory/memory.stat': [
    'cache 3145728',
    'rss 49152',
    'swap 0',
    'pgfault 1385',
    'pgmajfault 3',
    'hierarchical_memory_limit 104857600',
    'total_cache 3145728',
    'total_rss 53248',
    'total_mapped_file 8192',
    'total_swap 4096',
    'total_pgfault 2770',
    'total_inactive_file 3145728',
    'total_active_file 12288\n',
  ].join('\n'),
  'memory/memory.failcnt': '5\n',
  'memory/memory.kmem.usage_in_bytes': '368640\n',
  'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  'memory/memory.limit_in_bytes': '104857600\n',
  'memory/memory.memsw.limit_in_bytes': '209715200\n',
  'memory/memory.soft_limit_in_bytes': '9223372036854771712\n',
  'pids/pids.current': '2\n',
  'pids/pids.max': 'max\n',
  'blkio/blkio.throttle.io_service_bytes_recursive':
    '254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 8192\n254:0 Async 4096\n254:0 Discard 0\n254:0 Total 12288\nTotal 12288\n',
  'blkio/blkio.throttle.io_serviced_recursive': '254:0 Read 1\n254:0 Write 2\n254:0 Total 3\nTotal 3\n',
  'unified/cpu.pressure':
    'some avg10=1.44 avg60=0.26 avg300=0.05 total=181529\nfull avg10=1.40 avg60=0.25 avg300=0.04 total=181165\n',
  'unified/memory.pressure':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'unified/io.pressure':
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n',
}

/** The same of kernel 6.1 with version 2 alone, as systemd lays it out. */
export const filesOfV2: Readonly<Record<string, string>> = {
  'cpu.stat': [
    'usage_usec 130340',
    'user_usec 120000',
    'system_usec 10340',
    'nr_periods 6',
    'nr_throttled 2',
    'throttled_usec 51000',
    'nr_bursts 1',
    'burst_usec 20\n',
  ].join('\n'),
  'cpu.weight': '39\n',
  'cpu.max': '50000 100000\n',
  'cpu.pressure':
    'some avg10=1.44 avg60=0.26 avg300=0.05 total=181529\nfull avg10=1.40 avg60=0.25 avg300=0.04 total=181165\n',
  'cgroup.procs': '4711\n4712\n',
  'memory.current': '3858432\n',
  'memory.peak': '5013504\n',
  'memory.stat': [
    'anon 53248',
    'file 3145728',
    'kernel 368640',
    'file_mapped 8192',
    'inactive_file 3145728',
    'active_file 12288',
    'pgfault 1385',
    'pgmajfault 3\n',
  ].join('\n'),
  'memory.events': 'low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\noom_group_kill 0\n',
  'memory.max': '104857600\n',
  'memory.min': '0\n',
  'memory.swap.current': '4096\n',
  'memory.swap.max': '104857600\n',
  'memory.pressure': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'io.stat':
    '254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=512 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
  'io.pressure': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n',
  'pids.current': '2\n',
  'pids.max': '512\n',
}
