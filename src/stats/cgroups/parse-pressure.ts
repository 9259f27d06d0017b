import type { Pressure, PressureShare } from '../../model/usage.ts'

const somePattern = /^some avg10=(\S+) avg60=(\S+) avg300=(\S+) total=(\d+)/mu
const fullPattern = /^full avg10=(\S+) avg60=(\S+) avg300=(\S+) total=(\d+)/mu

/**
 * A file like `cpu.pressure`: `some avg10=0.12 avg60=0.10 avg300=0.05 total=1234`, and the same for `full`, which older
 * kernels leave out for the CPU. The kernel counts microseconds. `undefined` for no such file.
 */
export function parsePressure(text: string | undefined): Pressure | undefined {
  if (text === undefined || text === '') return undefined
  return { some: shareOf(somePattern.exec(text)), full: shareOf(fullPattern.exec(text)) }
}

function shareOf(match: RegExpExecArray | null): PressureShare {
  const [avg10 = 0, avg60 = 0, avg300 = 0, total = 0] = (match?.slice(1) ?? []).map(Number)
  return { totalNs: total * 1000, avg10, avg60, avg300 }
}
