import { settingGroups, type Setting } from './settings/setting.ts'
import { settingList } from './settings/settings.ts'

const usage = 'minikubelet [--kubeconfig PATH] [--pod-manifest-path PATH] [flags]'

/** The text of --help: every flag by group, 100 columns wide. */
export function renderHelp(): string {
  const groups = settingGroups.map((group) => {
    const lines = settingList.filter((setting) => setting.group === group && setting.flag !== undefined).map(helpEntry)
    return `${group}:\n${lines.join('\n')}`
  })
  return [
    'minikubelet: a kubelet for Docker. Runs the Pods bound to its node as real containers and reports their status.',
    `Usage: ${usage}`,
    ...groups,
    ['Other:', entry('--help', 'This text'), entry('--version', 'The version')].join('\n'),
    'Names and values are those of the kubelet wherever they mean the same. Lists are given with commas or by repeating\nthe flag, durations like 10s or 1m30s, switches as --flag or --flag=false.',
  ].join('\n\n')
}

/** docs/flags.md: every setting with its flag, its field in the --config file and its default. */
export function renderFlagsMarkdown(): string {
  const groups = settingGroups.map((group) => {
    const rows = settingList.filter((setting) => setting.group === group).map(markdownRow)
    return `## ${group}\n\n| flag | field of the file | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return [
    '# Flags and the configuration file\n',
    'Generated from `src/config/settings/`; `UPDATE=1 npm test` writes it anew.\n',
    `\`${usage}\`\n`,
    'Names and values are those of the kubelet wherever they mean the same. Flags are written `--flag value` or',
    '`--flag=value`, lists with commas or by repeating the flag, durations like `10s` or `1m30s`, switches as `--flag` or',
    '`--flag=false`. `--config` names a `KubeletConfiguration` (`kubelet.config.k8s.io/v1beta1`); a flag beats it, and',
    'relative paths in it begin in its own folder. `--help` and `--version` do what they say.\n',
    ...groups,
  ].join('\n')
}

function helpEntry({ flag = '', type, shownDefault, help }: Setting<unknown>): string {
  const written = type.hint === '' ? `--${flag}` : `--${flag} ${type.hint}`
  return entry(written, shownDefault === '' ? help : `${help} (default: ${shownDefault})`)
}

/** A flag on its line and the help below it, indented and wrapped. */
function entry(flag: string, help: string): string {
  return [`  ${flag}`, ...wrap(help, 92).map((line) => `        ${line}`)].join('\n')
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

function markdownRow({ flag, field, type, shownDefault, help }: Setting<unknown>): string {
  const written = flag === undefined ? '' : code(type.hint === '' ? `--${flag}` : `--${flag} ${type.hint}`)
  return `| ${written} | ${field === undefined ? '' : code(field)} | ${escape(shownDefault)} | ${escape(help)} |`
}

function code(text: string): string {
  return `\`${escape(text)}\``
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|')
}
