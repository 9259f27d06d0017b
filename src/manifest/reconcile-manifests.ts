import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '../model/kube.ts'
import { configSeenAnnotation, formatPod, podFullName, podRef } from '../model/pod.ts'
import { readManifest, type ReadManifest } from './read-manifest.ts'

/** What a look at the manifests brings. */
export type ManifestChange =
  /** A Pod is to run; or, with a UID that is known, it changed. */
  | { readonly kind: 'set'; readonly pod: Pod; readonly file: string }
  /** A Pod is to end. Where its file has a new version, that one follows as `set`. */
  | { readonly kind: 'removed'; readonly pod: Pod; readonly file: string }
  /** A file cannot be used, or only without `pod`; what runs because of its last good version runs on. Said once. */
  | { readonly kind: 'invalid'; readonly file: string; readonly message: string; readonly pod?: Pod }
  /** A file has a field that means nothing. Said once for each version of the file. */
  | { readonly kind: 'warning'; readonly file: string; readonly message: string }
  /**
   * Every manifest has been looked at. With `isComplete` a Pod that hasn't come by now has no file; without, some file
   * cannot be used, and what it stood for before this agent started is unknown. Said again when that changes.
   */
  | { readonly kind: 'synced'; readonly isComplete: boolean }

/** A file as it was found. `file` is its absolute path. */
export interface FoundManifest {
  readonly file: string
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'unreadable'; readonly message: string }
}

/** What is remembered of a file from one look to the next. */
interface KnownManifest {
  readonly content: FoundManifest['content']
  readonly read: ReadManifest
  readonly running: readonly Pod[]
  readonly complaints: readonly Complaint[]
}

interface Complaint {
  readonly message: string
  readonly pod?: Pod
}

/** By absolute path. */
export type KnownManifests = ReadonlyMap<string, KnownManifest>

export interface ReconcileFacts {
  readonly nodeName: string
  readonly nowMs: number
}

export interface ReconciledManifests {
  readonly changes: readonly ManifestChange[]
  readonly known: KnownManifests
}

/**
 * Compares the files that are there with those of the last look. A file without fault decides alone what runs because of
 * it; with one, the Pods of its last good version stay. Of Pods with one full name the one that runs stays, else the
 * first in the order of the files is taken. Pods that end are named before those that begin.
 */
export function reconcileManifests(
  known: KnownManifests,
  found: readonly FoundManifest[],
  facts: ReconcileFacts,
): ReconciledManifests {
  const files = found.map((each) => readFile(known.get(each.file), each, facts))
  const owners = claimNames(files)
  const next = new Map(files.map((each) => [each.file, settle(each, owners)]))
  const gone = [...known].filter(([file]) => !next.has(file))
  return {
    changes: [
      ...gone.flatMap(([file, { running }]) => running.map((pod) => ({ kind: 'removed', pod, file }) as const)),
      ...files.flatMap(({ file, previous }) => removed(file, previous, next.get(file))),
      ...files.flatMap(({ file, previous }) => added(file, previous, next.get(file))),
    ],
    known: next,
  }
}

interface ReadFile {
  readonly file: string
  readonly previous: KnownManifest | undefined
  readonly content: FoundManifest['content']
  readonly read: ReadManifest
  /** What should run if no other file is in the way. */
  readonly wanted: readonly Pod[]
}

function readFile(previous: KnownManifest | undefined, found: FoundManifest, facts: ReconcileFacts): ReadFile {
  const { file, content } = found
  const isUnchanged = previous !== undefined && isDeepStrictEqual(previous.content, content)
  const read = isUnchanged ? previous.read : readContent(file, content, facts)
  const running = previous?.running ?? []
  const wanted =
    read.kind === 'invalid' ? running : read.pods.map((pod) => running.find((old) => isSame(old, pod)) ?? pod)
  return { file, previous, content, read, wanted }
}

function readContent(file: string, content: FoundManifest['content'], facts: ReconcileFacts): ReadManifest {
  const name = basename(file)
  if (content.kind === 'unreadable')
    return { kind: 'invalid', message: `Cannot read the manifest "${file}": ${content.message}` }
  return readManifest(name, content.text, { nodeName: facts.nodeName, file, seenAtMs: facts.nowMs })
}

/** Which Pod has a full name: one that runs before one that doesn't, then the first. */
function claimNames(files: readonly ReadFile[]): ReadonlyMap<string, Pod> {
  const owners = new Map<string, Pod>()
  const claim = (pod: Pod): void => {
    if (!owners.has(podFullName(pod))) owners.set(podFullName(pod), pod)
  }
  for (const { wanted, previous } of files) {
    const runningNames = new Set(previous?.running.map(podFullName))
    wanted.filter((pod) => runningNames.has(podFullName(pod))).forEach(claim)
  }
  for (const { wanted } of files) wanted.forEach(claim)
  return owners
}

function settle({ content, read, wanted }: ReadFile, owners: ReadonlyMap<string, Pod>): KnownManifest {
  const running = wanted.filter((pod) => owners.get(podFullName(pod)) === pod)
  const duplicates = wanted.filter((pod) => !running.includes(pod))
  const complaints =
    read.kind === 'invalid'
      ? [{ message: read.message }]
      : duplicates.map((pod) => ({ message: duplicateMessage(pod), pod }))
  return { content, read, running, complaints }
}

/** The kubelet's words in its FailedValidation event (filterInvalidPods in pkg/kubelet/config/config.go). */
function duplicateMessage(pod: Pod): string {
  const { name } = pod.metadata
  return `Error validating pod ${formatPod(podRef(pod))} from file due to duplicate pod name "${name}", ignoring`
}

function removed(
  file: string,
  previous: KnownManifest | undefined,
  next: KnownManifest | undefined,
): readonly ManifestChange[] {
  const uids = new Set(next?.running.map(({ metadata }) => metadata.uid))
  const over = previous?.running.filter(({ metadata }) => !uids.has(metadata.uid)) ?? []
  return over.map((pod) => ({ kind: 'removed', pod, file }))
}

function added(
  file: string,
  previous: KnownManifest | undefined,
  next: KnownManifest | undefined,
): readonly ManifestChange[] {
  if (next === undefined) return []
  const { read, complaints } = next
  const told = new Set(previous?.complaints.map(({ message }) => message))
  const isNewVersion = read !== previous?.read
  const warnings = isNewVersion && read.kind === 'pods' ? read.warnings : []
  return [
    ...complaints
      .filter(({ message }) => !told.has(message))
      .map((complaint) => ({ kind: 'invalid', file, ...complaint }) as const),
    ...warnings.map((message) => ({ kind: 'warning', file, message }) as const),
    ...next.running
      .filter((pod) => previous?.running.includes(pod) !== true)
      .map((pod) => ({ kind: 'set', pod, file }) as const),
  ]
}

/** The same Pod in every respect but when it was seen. */
function isSame(old: Pod, pod: Pod): boolean {
  if (old.metadata.uid !== pod.metadata.uid) return false
  const seen = old.metadata.annotations?.[configSeenAnnotation] ?? ''
  const annotations = { ...pod.metadata.annotations, [configSeenAnnotation]: seen }
  return isDeepStrictEqual(old, { ...pod, metadata: { ...pod.metadata, annotations } })
}
