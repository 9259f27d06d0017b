/** What a volume holds in a round: all of one text, some of them only in every third round. */
export function filesOfRound(round: number): Readonly<Record<string, string>> {
  const names = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? `file-${index}` : `folder/file-${index}`))
  const sometimes = round % 3 === 0 ? ['sometimes', 'other/sometimes'] : []
  return Object.fromEntries([...names, ...sometimes].map((name) => [name, String(round)]))
}
