/** SVG as text. Numbers are written with a tenth at most: nobody sees less than that. */
export type Attributes = Readonly<Record<string, string | number>>

/** An element; children are elements, and text that `escaped` has made. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(text(value))}"`)
  const open = `<${name}${written.join('')}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`
}

export function escaped(value: string): string {
  return value.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`)
}

function text(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}
