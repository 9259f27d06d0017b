import { basename } from 'node:path'
import type { Settings } from './inspected.ts'
import type { VolumeNode } from './made-volumes.ts'

/** The same without what has another name on each node, or each time. */
export function renamed(found: Settings, { name, rootDir, host }: VolumeNode, uid = 'no uid'): Settings {
  const rename = (text: string): string =>
    text
      .replaceAll(/\.\.\d{4}(?:_\d\d){5}\.\d+/gu, '..<time>')
      .replaceAll(/(?<=config\.seen=\\")[^\\]+/gu, '<time>')
      .replaceAll(/\/[^\s:"]*\/pods\/[-0-9a-f]{36}/gu, '<pod folder>')
      .replaceAll(uid, '<uid>')
      // A mount tells it as it lies on its disk, which may be mounted elsewhere.
      .replaceAll(new RegExp(`/[^\\s:"]*/${basename(host.path)}`, 'gu'), '<host>')
      .replaceAll(rootDir, '<root>')
      .replaceAll(name, '<node>')
      .replaceAll(/-token-[a-z0-9]{5}\b/gu, '-token-<random>')
      .replaceAll(/eyJ[-\w]+\.[-\w]+\.[-\w]+/gu, '<token>')
      .replaceAll(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gsu, '<certificate>')
      .replaceAll(/(?<=containers\/[-a-z]+\/)[0-9a-f]{8}\b/gu, '<file>')
      // The Pod's address and name, in its hosts file.
      .replaceAll(/(?<=\\n)(?:\d+\.){3}\d+(?=\\t)/gu, '<ip>')
  return new Map([...found].map(([path, value]) => [rename(path), rename(value)]))
}
