import { setTimeout as delay } from 'node:timers/promises'
import type { Pod } from '../../../src/model/kube.ts'
import type { Kubectl } from '../../support/kubectl.ts'
import { askedPods } from './api-pods.ts'
import { questions } from './api-questions.ts'
import { refusedUpgrades } from './api-refusals.ts'
import { ApiServer, type Question } from './api-server.ts'
import { familiesOf, numbersOf, readFrom, scrapes, shapeOf } from './api-shapes.ts'
import { askStreams, streamQuestions } from './api-streams.ts'
import type { Settings } from './inspected.ts'

export interface Asked {
  /** What was answered, by what was asked. */
  readonly answers: ReadonlyMap<string, Settings>
  /** The numbers of /stats/summary. */
  readonly numbers: ReadonlyMap<string, number>
}

const deadlineMs = 100_000
const told = [
  'content-type',
  'allow',
  'location',
  'www-authenticate',
  'x-content-type-options',
  'x-accepted-stream-protocol-versions',
]

/** Makes the Pods on the node of the namespace's name, and asks its server everything. */
export async function askAll(kubectl: Kubectl): Promise<Asked> {
  const node = kubectl.namespace
  const place = { nodeName: node, tolerations: [{ operator: 'Exists' }] }
  const items = askedPods.map(({ manifest }) => ({ ...manifest, spec: { ...place, ...manifest.spec } }))
  using pods = kubectl.watch<Pod>(`/api/v1/namespaces/${node}/pods`)
  await kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items })
  await Promise.all(
    askedPods.map(({ manifest: { metadata }, isDone }) =>
      pods.changes.first(
        `Pod ${metadata.name} as far as it gets`,
        ({ object }) => object.metadata.name === metadata.name && isDone(object),
      ),
    ),
  )
  const server = await ApiServer.of(kubectl)
  const rename = (text: string): string => renamed(text, node)
  const answers = new Map<string, Settings>()
  for (const question of [...questions, ...refusedUpgrades]) {
    answers.set(nameOf(question), await answerTo(server, question, rename))
  }
  for (const question of streamQuestions) {
    const asked = await askStreams(server, { ...question, path: question.path.replaceAll('<node>', node) })
    answers.set(question.what, new Map([...asked].map(([name, text]) => [name, rename(text)])))
  }
  for (const scrape of scrapes) answers.set(scrape, familiesOf(await readFrom(server, scrape)))
  answers.set('shape of /configz', shapeOf(await readFrom(server, '/configz')))
  for (const path of ['/pods', '/runningpods/']) {
    answers.set(`shape of ${path}`, shapeOf(await readFrom(server, path), isCompared))
  }
  const summary = await untilCounted(server)
  answers.set('shape of /stats/summary', shapeOf(summary, isCompared))
  return { answers, numbers: numbersOf(summary) }
}

/** The statistics once the Pods are in them: the kubelet looks at each of them now and then. */
async function untilCounted(server: ApiServer): Promise<string> {
  for (const deadline = AbortSignal.timeout(deadlineMs); ; await delay(500, undefined, { signal: deadline })) {
    const summary = await readFrom(server, '/stats/summary')
    const paths = shapeOf(summary)
    const counted = [
      'containers[main].cpu.usageNanoCores',
      'containers[main].rootfs.usedBytes',
      'volume[disk].usedBytes',
    ]
    if (counted.every((path) => paths.has(`.pods[talks].${path}`))) return summary
  }
}

/** Of lists of Pods the one that has everything. */
function isCompared(path: string): boolean {
  // Each test has a bridge of its own on the host.
  if (/interfaces\[(?!eth0)/u.test(path)) return false
  return /^(?!\.(?:items|pods)\[)|^\.(?:items|pods)\[talks\]/u.test(path)
}

function nameOf({ method = 'GET', path, as, headers = {} }: Question): string {
  const more = Object.entries(headers).map(([name, value]) => `${name}=${[value].flat().join()}`)
  return [method, path, ...(as === undefined ? [] : [`as ${as}`]), ...more].join(' ')
}

async function answerTo(server: ApiServer, question: Question, rename: (text: string) => string): Promise<Settings> {
  const answer = await server.ask({ ...question, path: question.path.replaceAll('<node>', server.node) })
  const headers = told.flatMap((name) => {
    const value = answer.headers[name]
    return value === undefined ? [] : [[name, rename(String(value))] as const]
  })
  return new Map([['status', String(answer.status)], ['body', rename(answer.body)], ...headers])
}

/** Without what has another name on each node, or each time. */
function renamed(text: string, node: string): string {
  return text
    .replaceAll(node, '<node>')
    .replaceAll(/\b[0-9a-f]{64}\b/gu, '<id>')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gu, '<uid>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/gu, '<time>')
    .replaceAll(/x{100,}/gu, (line) => `<${line.length} x>`)
}
