/** A duration as Go's `time.Duration.String` prints it, for texts that clients compare: `10s`, `1m20s`, `5m0s`, `1.5s`, `120ms`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  if (milliseconds < 0) return `-${goDuration(-milliseconds)}`
  if (milliseconds < 1) return `${trim(milliseconds * 1000)}µs`
  if (milliseconds < 1000) return `${trim(milliseconds)}ms`
  const totalSeconds = milliseconds / 1000
  const hours = Math.floor(totalSeconds / 3600)
  const minutes = Math.floor((totalSeconds % 3600) / 60)
  const seconds = `${trim(totalSeconds - hours * 3600 - minutes * 60)}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

function trim(value: number): string {
  return String(Number(value.toFixed(6)))
}
