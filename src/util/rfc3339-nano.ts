/** Go's RFC3339Nano with all nine digits, in UTC. */
export function rfc3339Nano(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000000Z')
}
