import type { Stated } from './differences.ts'

const absent = /^-$/u
const any = /^(?!-$)/u
const go =
  /^\/metrics (?:go_|get_token|workqueue_|apiserver_|authentication_token_cache|rest_client_exec|process_virtual_memory_max)/u
const docker =
  /^\/metrics (?:kubelet_docker_|kubelet_network_plugin_|kubelet_node_config_error|storage_operation_status_count)/u
const laterMetric =
  /^\/metrics(?:\/\S+)? (?:kubelet_|container_|machine_swap|node_swap|pod_|resource_scrape_error|process_start_time|prober_)/u

/** In what the answers of our HTTPS port differ from those of the real kubelet 1.20. */
export const statedAnswers: readonly Stated[] = [
  {
    what: 'headers that say more',
    where: / (?:allow|content-type|x-content-type-options)$/u,
    theirs: absent,
    ours: any,
    why: 'what the body is, and what else may be asked',
  },
  {
    what: 'what is said of a path that is not there',
    where: / body$/u,
    theirs: /^404: Page Not Found$/u,
    ours: /^404 page not found\n$/u,
    why: 'there is one table of routes, not two with a sentence each',
  },
  {
    what: 'a slash at the end of a path',
    where: /^GET \/(?:healthz|metrics|configz)\/ |^GET \/(?:runningpods|stats) /u,
    theirs: /404|^301$|Moved|html|^text|^-$|^\//u,
    ours: /./su,
    why: 'it means nothing',
  },
  {
    what: 'a path with dots, and one of the folder of logs',
    where: /^GET \/logs(?:\/\.\.\S+)? /u,
    theirs: /^301$|Moved|html|^\//u,
    ours: /^/u,
    why: 'a client follows it the same, or finds as little',
  },
  {
    what: 'a path that nobody serves, for strangers',
    where: /^GET \/spec\/ as /u,
    theirs: /404/u,
    ours: /^40[13]$|^Unauthorized$|^Forbidden/u,
    why: 'who asks is looked at first',
  },
  {
    what: 'the rights that were looked for',
    where: / as account body$/u,
    theirs: /^Forbidden .*subresource=\w+\)$/u,
    ours: /^Forbidden .*subresource\(s\)=\[[\w ]+\]\)\n$/u,
    why: "today's kubelet has finer ones",
  },
  {
    what: 'the times of a long line',
    where: /^GET \/containerLogs\/\S+timestamps=\w+ body$/u,
    theirs: /(?:<time> <\d+ x>){2}/u,
    ours: /<time> <40000 x>\n/u,
    why: "today's runtimes say the time once for a line, Docker for each 16 KiB of it",
  },
  {
    what: 'what is said of SPDY without a protocol, or of other headers',
    where: / upgrade=SPDY\S+ .*body$| upgrade=SPDY\/3\.1 body$/u,
    theirs: /is required\n$|http\.Header|client supports .*\n.*client supports|^invalid upgrade response/su,
    ours: /^unable to upgrade: /u,
    why: "today's kubelet says more; there is no second server behind it, which adds headers and says it again",
  },
  {
    what: 'the status of /portForward by SPDY without a protocol',
    where: /^GET \/portForward\/.* status$/u,
    theirs: /^500$/u,
    ours: /^400$/u,
    why: "there is no second server that could take it for the first one's fault",
  },
  {
    what: 'what is said of a WebSocket that is refused',
    where: / upgrade=websocket .* body$/u,
    theirs: /^$|^missing or bad WebSocket Version$/u,
    ours: /^requested protocol|^Missing or invalid/u,
    why: 'whoever writes a client wants to know',
  },
  {
    what: 'the status of a command',
    where: /^exec .* error$/u,
    theirs: /^\{"metadata":\{\},/u,
    ours: /^\{"status"/u,
    why: "today's kubelets leave out what is empty",
  },
  {
    what: 'a connection to a port of nobody',
    where: /^port of nobody error$/u,
    theirs: /socat not found$/u,
    ours: /connection refused/u,
    why: 'no tool is needed for it',
  },
  {
    what: 'profiles',
    where: /^GET \/debug\/pprof\/cmdline /u,
    theirs: /./u,
    ours: /^501$|not supported|text/u,
    why: 'they are of Go',
  },
  {
    what: 'the type of a scrape',
    where: /^(?:POST|HEAD|DELETE) \/metrics content-type$/u,
    theirs: /version=0\.0\.4; charset=utf-8$/u,
    ours: /escaping=underscores$/u,
    why: "today's kubelet says it",
  },
  {
    what: 'the type of a sentence',
    where: /\/debug\/flags\/v content-type$/u,
    theirs: /^text\/plain$/u,
    ours: /^text\/plain; charset=utf-8$/u,
    why: 'all sentences have one',
  },
  {
    what: 'what is different each time',
    where: /^(?:GET|POST|HEAD|DELETE) \/(?:pods\/|metrics|configz|stats\/summary) body$/u,
    theirs: /./u,
    ours: /./u,
    why: 'its shape is compared instead',
  },
  {
    what: 'metrics of the packages of Go',
    where: go,
    theirs: any,
    ours: absent,
    why: 'they are none of the kubelet’s',
  },
  {
    what: 'metrics of a dockershim and of what is gone',
    where: docker,
    theirs: any,
    ours: absent,
    why: "today's kubelet has them no more",
  },
  {
    what: 'a metric of cgroups',
    where: /^\/metrics kubelet_cgroup_manager_duration_seconds$/u,
    theirs: any,
    ours: absent,
    why: 'Docker makes them',
  },
  {
    what: 'metrics of cAdvisor',
    where: /^\/metrics\/cadvisor (?:container_cpu_load_average_10s|container_tasks_state|machine_nvm_)/u,
    theirs: any,
    ours: absent,
    why: 'they are off, or nought without hardware that hardly a machine has',
  },
  {
    what: 'the name of a metric',
    where: /^\/metrics\/resource scrape_error$/u,
    theirs: any,
    ours: absent,
    why: "it is today's resource_scrape_error",
  },
  { what: 'newer metrics', where: laterMetric, theirs: absent, ours: any, why: "they are today's kubelet's" },
  {
    what: 'newer labels',
    where: /^\/metrics (?:rest_client_request|storage_operation)_duration_seconds$/u,
    theirs: any,
    ours: /\bhost\b|\bmigrated\b/u,
    why: "they are today's kubelet's",
  },
  {
    what: 'fields of the configuration that are not told',
    where: /^shape of \/configz /u,
    theirs: any,
    ours: absent,
    why: 'those are told that this agent has, with the values that hold',
  },
  {
    what: 'newer fields of the configuration',
    where: /^shape of \/configz /u,
    theirs: absent,
    ours: any,
    why: "today's kubelet has them, and its kind; some a kubelet leaves out when they are empty",
  },
  {
    what: 'empty fields of Pods',
    where: /^shape of \/(?:running)?pods\S* .*(?:lastProbeTime|creationTimestamp)$/u,
    theirs: /^null$/u,
    ours: absent,
    why: "today's kubelet leaves them out",
  },
  {
    what: 'who set which field of a Pod, and when the kubelet first saw it',
    where: /^shape of \/pods .*(?:managedFields|config\.seen)/u,
    theirs: any,
    ours: absent,
    why: 'neither is kept: the one is as large as the Pod, the other is different in each life of an agent',
  },
  {
    what: 'newer fields of Pods',
    where: /^shape of \/pods .*\.status\./u,
    theirs: absent,
    ours: any,
    why: "they are today's kubelet's",
  },
  {
    what: 'newer statistics',
    where: /^shape of \/stats\/summary .*(?:\.psi\.|\.swap\.|\.io\.|containerFs)/u,
    theirs: absent,
    ours: any,
    why: "they are today's kubelet's",
  },
  {
    what: 'statistics of the daemons',
    where: /^shape of \/stats\/summary .*systemContainers\[(?:kubelet|runtime|misc)\]/u,
    theirs: absent,
    ours: any,
    why: 'the kubelet of the test is not told its cgroups',
  },
]
