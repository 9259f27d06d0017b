import type { ValueType } from '../values/value-type.ts'

/** The headings of the help, in its order. */
export const settingGroups = [
  'Where Pods come from',
  'Docker',
  'Node',
  'Resources',
  'Eviction',
  'Pods',
  'Images',
  'Events',
  'HTTPS port',
  'Ports',
  'Certificates',
  'Logs',
  'General',
] as const
export type SettingGroup = (typeof settingGroups)[number]

/** One thing that can be set: where, to what, and what it is when it isn't. */
export interface Setting<Value> {
  readonly group: SettingGroup
  /** Name on the command line without dashes; `undefined` where, as with the kubelet, only the file has it. */
  readonly flag?: string
  /**
   * Path in a KubeletConfiguration, `crashLoopBackOff.maxContainerRestartPeriod`;
   * `undefined` where only the flag exists.
   */
  readonly field?: string
  readonly type: ValueType<Value>
  readonly fallback: Value
  /** The default in the help's words; empty when there is none worth saying. */
  readonly shownDefault: string
  readonly help: string
}

/** Ties the type of the value to that of the fallback; costs nothing. */
export function setting<Value>(definition: Setting<Value>): Setting<Value> {
  return definition
}
