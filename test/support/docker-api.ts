import { docker } from './command.ts'

/** The minor version of the newest API that the tests' Docker speaks: 41 of 20.10, 45 of 26.1, 51 of 28.5. */
export async function dockerApi(): Promise<number> {
  return Number((await docker('version', '--format', '{{.Server.APIVersion}}')).split('.')[1])
}
