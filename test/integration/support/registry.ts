import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { endProcess } from '../../support/end-process.ts'
import { everyStep } from '../../support/every-step.ts'
import { freePort } from '../../support/free-port.ts'

export const registryCredentials = { username: 'kubelet', password: 'secret' }
/** What `htpasswd -bB` makes of the password. */
const passwordHash = '$2b$04$hNz27XxauTmQ5D1mX56gbuRtBibOti2o7pC/Bfm7GExgdq3CLhhOO'

export interface Registry extends AsyncDisposable {
  readonly port: number
  /** Folder of the registry's data, as docker-registry lays it out. */
  readonly data: string
}

/** Debian's docker-registry on a free port of 127.0.0.1, where Docker asks for no TLS. */
export async function startRegistry(options: { readonly authenticated: boolean }): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'minikubelet-registry-'))
  const port = await freePort()
  const passwords = join(folder, 'htpasswd')
  await writeFile(passwords, `${registryCredentials.username}:${passwordHash}\n`)
  const config = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: `127.0.0.1:${port}` },
    ...(options.authenticated && { auth: { htpasswd: { realm: 'test', path: passwords } } }),
  }
  const configFile = join(folder, 'config.yml') // JSON is YAML
  await writeFile(configFile, JSON.stringify(config))
  const server = spawn(await registryBinary(), ['serve', configFile], { stdio: 'ignore' })
  const end = (): Promise<void> =>
    everyStep(
      () => endProcess(server),
      () => rm(folder, { recursive: true }),
    )
  try {
    await answers(port)
  } catch (error) {
    await end()
    throw error
  }
  return { port, data: join(folder, 'docker', 'registry', 'v2'), [Symbol.asyncDispose]: end }
}

/** The binary out of Debian's package, unpacked beside the rest of the test bed: installed, it would start a service. */
async function registryBinary(): Promise<string> {
  const script = `
    source hack/lib.sh
    locked registry
    [ -x "$CACHE/registry/usr/bin/docker-registry" ] || unpack_packages "$CACHE/registry" docker-registry
    echo "$CACHE/registry/usr/bin/docker-registry"`
  // It may have to be fetched first, so it is waited for without end.
  const { stdout } = await promisify(execFile)('bash', ['-ec', script])
  return stdout.trim()
}

/** Waits until the registry answers, for 10 s at most. */
async function answers(port: number): Promise<void> {
  const deadline = AbortSignal.timeout(10_000)
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: deadline }).catch(() => undefined)
    if (answer !== undefined) return
    await delay(20, undefined, { signal: deadline })
  }
}
