import { imageMeans } from '../../src/translate/volumes/image-mount.ts'
import { docker } from './command.ts'

/** True where Docker tells in which folders the layers of an image lie: not with containerd's image store. */
export async function tellsLayers(): Promise<boolean> {
  const storageDriver = await docker('info', '--format', '{{.Driver}}')
  const apiVersion = await docker('version', '--format', '{{.Server.APIVersion}}')
  return imageMeans({ storageDriver, apiVersion }) === 'layers'
}
