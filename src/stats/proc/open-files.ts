import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import type { OpenFiles } from '../reading.ts'
import { openFilesLimit } from './parse-proc.ts'

/** Of so many open files of a container is looked at what they are; a server of many thousands has its sockets by then. */
const mostLinks = 2000

/** Counts the open files of processes (processStatsFromProcs in cAdvisor). `pid` is the first of them. */
export function openFiles(processes: readonly number[], pid: number, proc = '/proc'): OpenFiles {
  let descriptors = 0
  let sockets = 0
  for (const process of processes) {
    const folder = `${proc}/${process}/fd`
    for (const name of namesIn(folder)) {
      descriptors += 1
      if (descriptors <= mostLinks && isSocket(`${folder}/${name}`)) sockets += 1
    }
  }
  return { descriptors, sockets, softLimit: openFilesLimit(textOf(`${proc}/${pid}/limits`)) }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    return false
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
