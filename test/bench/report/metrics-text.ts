/** The sum of all samples of a family in Prometheus' text format, whatever their labels; 0 for one that is not there. */
export function familySum(text: string, family: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
    .reduce((sum, value) => sum + value, 0)
}
