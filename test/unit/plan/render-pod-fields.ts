import type { FieldRow, FieldVerdict } from '../../../src/plan/field-row.ts'
import { podFields } from '../../../src/plan/pod-fields.ts'
import type { ApiTypes } from './api-types.ts'

/** The text of docs/pod-fields.md: a line for the fields of a type that share a verdict. */
export function renderPodFields(types: ApiTypes): string {
  const tables = podFields.map(({ title, rows }) => {
    const lines = rows.flatMap((row) => row.of.split(' ').map((type) => line(row, type, types)))
    return `## ${title}\n\n| type | fields | | |\n|---|---|---|---|\n${lines.join('\n')}\n`
  })
  return `${introduction}\n${tables.join('\n')}`
}

const introduction = `# Fields of a Pod

Generated from \`src/plan/pod-fields.ts\`; \`UPDATE=1 npm test\` writes it anew. The agent's \`UnsupportedField\` events come from the
same table.

| | a Pod that has the field |
|---|---|
| yes | gets what the kubelet would give it |
| partly | gets it but for what is said; nothing is told |
| not here | the field is for the scheduler, the API server or a controller |
| ignored | runs without it; an event names it |
| refused | waits with \`CreateContainerConfigError\`, the one container or all of them: without it, it would be another Pod. An event names it |
| unmounted | waits with \`FailedMount\` if one of its containers mounts the volume |
| unwritten | a status that the agent does not write |

What is in a field that is not done is not done either, and is left out here. A field that is neither is newer than this table: in a
manifest it is named and left out; the API server's own is left out.
`

const words: Readonly<Record<FieldVerdict, string>> = {
  done: 'yes',
  partly: 'partly',
  elsewhere: 'not here',
  ignored: '**ignored**',
  refused: '**refused**',
  unmounted: '**unmounted**',
  unwritten: '**unwritten**',
}

function line(row: FieldRow, type: string, types: ApiTypes): string {
  const own = new Set(types.get(type)?.map(({ name }) => name))
  const fields = row.fields.split(' ').filter((name) => own.has(name))
  const when = row.when === undefined ? '' : ` where \`${String(row.when)}\``
  const cells = [type, fields.map((name) => `\`${name}\``).join(' '), `${words[row.is]}${when}`, row.why ?? '']
  return `| ${cells.join(' | ')} |`
}
