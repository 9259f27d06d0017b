import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { RegistryCredentials } from '../engine/engine.ts'
import { KubeletError } from '../model/errors.ts'
import { isRecord } from '../util/is-record.ts'

/** As long as the kubelet gives its own credential plugins (pkg/credentialprovider/plugin/plugin.go). */
const helperLimitMs = 60_000

/** The user name by which a helper says that its secret is a token for another protocol. */
const tokenUser = '<token>'

/**
 * Asks the program `docker-credential-<helper>`, found on PATH, for what it knows of a registry; `undefined` when it
 * knows nothing. Throws `configuration` for a helper that can't be asked, `invalid` for one that fails or answers
 * otherwise than agreed, `unsupported` for an identity token.
 */
export async function askCredentialHelper(
  helper: string,
  registry: string,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  // A name with a slash would be a program anywhere.
  if (!/^[\w.-]+$/u.test(helper)) {
    throw new KubeletError('configuration', `"${helper}" is no name of a Docker credential helper`)
  }
  const program = `docker-credential-${helper}`
  const { code, output } = await run(program, registry, AbortSignal.any([signal, AbortSignal.timeout(helperLimitMs)]))
  if (code !== 0) {
    // The words of github.com/docker/docker-credential-helpers; every helper uses them.
    if (output.startsWith('credentials not found')) return undefined
    const words = output.trim().slice(0, 200)
    throw new KubeletError('invalid', `${program} failed for "${registry}" with exit code ${code}: ${words}`)
  }
  return decodeAnswer(program, registry, output)
}

async function run(
  program: string,
  input: string,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], signal, killSignal: 'SIGKILL' })
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', (error) =>
    reject(new KubeletError('configuration', `${program} could not be run: ${error.message}`, { cause: error })),
  )
  child.once('close', (code) => resolve(code ?? -1))
  // One that has ended without reading says by its exit code how it fared.
  child.stdin.on('error', () => {}).end(input)
  const [code, output] = await Promise.all([ended, text(child.stdout)])
  return { code, output }
}

function decodeAnswer(program: string, registry: string, output: string): RegistryCredentials | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(output)
  } catch {
    answer = undefined
  }
  const { Username: username, Secret: password } = isRecord(answer) ? answer : {}
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new KubeletError('invalid', `${program} gave no Username and Secret for "${registry}"`)
  }
  if (username === tokenUser) {
    throw new KubeletError('unsupported', `${program} gave an identity token for "${registry}", which is not supported`)
  }
  if (username === '' && password === '') return undefined
  return { username, password, serverAddress: registry }
}
