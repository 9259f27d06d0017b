import { panelsOf, type Mark, type Panel, type PanelRow } from './chart-panels.ts'
import type { BenchResult } from './result.ts'
import { element, escaped } from './svg.ts'

const width = 1040
const left = 350
const right = 220
const rowHeight = 34
const panelHead = 58
const panelFoot = 26
const top = 72
const plot = width - left - right

/** Colours that are told apart in both modes, by people with any of the usual eyes, and shapes besides. */
const style = `
svg { --back: #ffffff; --ink: #1f2328; --faint: #6e7781; --line: #d8dee4; --ours: #0969da; --peer: #bc4c00; --raw: #6e7781; --goal: #1a7f37 }
@media (prefers-color-scheme: dark) {
  svg { --back: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #30363d; --ours: #58a6ff; --peer: #f0883e; --raw: #9198a1; --goal: #3fb950 }
}
text { font: 13px system-ui, sans-serif; fill: var(--ink) }
.title { font-size: 16px; font-weight: 600 } .faint { fill: var(--faint); font-size: 12px }
.grid { stroke: var(--line) } .one { stroke: var(--faint) } .goal { stroke: var(--goal); stroke-width: 2; stroke-dasharray: 4 3 }
.ours { fill: var(--ours); stroke: var(--ours) } .peer { fill: var(--peer); stroke: var(--peer) } .raw { fill: var(--raw); stroke: var(--raw) }
.spread { stroke-width: 2; stroke-opacity: 0.55 }`

/** What was measured as a picture (SVG): a dot for each median, a bar from the 5th to the 95th percentile. */
export function chart(result: BenchResult): string {
  const panels = panelsOf(result.parts.flatMap(({ rows }) => rows))
  let y = top
  const drawn: string[] = []
  for (const panel of panels) {
    drawn.push(drawPanel(panel, y))
    y += panelHead + panel.rows.length * rowHeight + panelFoot
  }
  const title = 'What a Pod costs'
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height: y, viewBox: `0 0 ${width} ${y}`, role: 'img' },
    element('title', {}, escaped(title)),
    element('desc', {}, escaped(describe(panels))),
    element('style', {}, style),
    element('rect', { width, height: y, style: 'fill: var(--back)' }),
    label(title, [20, 30], 'title'),
    label(`${result.machine}; ${result.at.slice(0, 10)}`, [20, 50], 'faint'),
    legend(),
    ...drawn,
  )}\n`
}

function legend(): string {
  const entries = [
    ['ours', 'minikubelet'],
    ['peer', 'kubelet 1.20, dockershim'],
    ['raw', 'Docker alone'],
  ] as const
  const places = [530, 650, 840]
  return [
    ...entries.map(([kind, text], index) => {
      const x = places[index] ?? 0
      return dot(kind, x, 26) + label(text, [x + 12, 30])
    }),
    line('goal', [950, 18], [950, 34]),
    label('goal', [958, 30]),
  ].join('')
}

function drawPanel({ title, rows, ticks, from, to }: Panel, y: number): string {
  const at = (value: number): number => left + (Math.log(value / from) / Math.log(to / from)) * plot
  const first = y + panelHead
  const bottom = first + rows.length * rowHeight
  const grid = ticks.map(
    (tick) =>
      line(tick === 1 ? 'grid one' : 'grid', [at(tick), first - 12], [at(tick), bottom]) +
      label(String(tick), [at(tick), first - 18], 'faint', 'middle'),
  )
  const drawn = rows.map((row, index) => drawRow(row, first + index * rowHeight + rowHeight / 2 - 4, at))
  return [label(title, [20, y + 16], 'title'), ...grid, ...drawn].join('')
}

function drawRow({ what, marks, goal, says }: PanelRow, y: number, at: (value: number) => number): string {
  const marked = marks.map((mark, index) => drawMark(mark, y + (index - (marks.length - 1) / 2) * 7, at))
  return [
    label(what, [left - 14, y + 4], '', 'end'),
    ...(goal === undefined ? [] : [line('goal', [at(goal), y - 14], [at(goal), y + 14])]),
    ...marked,
    label(says, [width - right + 14, y + 4], 'faint'),
  ].join('')
}

function drawMark({ kind, low, middle, high }: Mark, y: number, at: (value: number) => number): string {
  return line(`${kind} spread`, [at(low), y], [at(high), y]) + dot(kind, at(middle), y)
}

/** A circle, a square and a diamond: told apart without colours, too. */
function dot(kind: Mark['kind'], x: number, y: number): string {
  switch (kind) {
    case 'ours':
      return element('circle', { class: kind, cx: x, cy: y, r: 4.5 })
    case 'peer':
      return element('rect', { class: kind, x: x - 4, y: y - 4, width: 8, height: 8 })
    case 'raw':
      return element('path', { class: kind, d: `M${x.toFixed(1)} ${(y - 5).toFixed(1)}l5 5-5 5-5-5z` })
    default:
      return kind satisfies never
  }
}

type Point = readonly [x: number, y: number]

function line(kind: string, [x1, y1]: Point, [x2, y2]: Point): string {
  return element('line', { class: kind, x1, y1, x2, y2 })
}

function label(text: string, [x, y]: Point, kind = '', anchor = 'start'): string {
  return element('text', { x, y, class: kind, 'text-anchor': anchor }, escaped(text))
}

/** For those who hear it read. */
function describe(panels: readonly Panel[]): string {
  return panels
    .map(({ title, rows }) => `${title}: ${rows.map(({ what, says }) => `${what} ${says}`).join('; ')}`)
    .join('. ')
}
