import { readFile } from 'node:fs/promises'
import type { Agent, AgentOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { inspect } from 'node:util'
import { KubeletError } from '../../model/errors.ts'
import { http } from '../../util/builtin-http.ts'
import type { DockerHost } from './docker-host.ts'

/**
 * Connections stay open for the next call: a new one for each call costs five times the CPU. Those that a burst of
 * Pods has opened are closed when idle, because each costs the daemon memory too. Over TCP, the kernel's keep-alive
 * finds out that the other side of an event stream is gone.
 */
const options = {
  keepAlive: true,
  maxFreeSockets: 16,
  timeout: 30_000,
  keepAliveInitialDelay: 15_000,
} satisfies AgentOptions & { readonly keepAliveInitialDelay: number }

// docker-modem formats the options of each request for its debug log, whether that is on or not, to any depth: the agent
// among them, with its sockets and their buffers. That is half of the CPU of a call; so agents say just their name.
class QuietHttpAgent extends http.Agent {
  [inspect.custom](): string {
    return 'HttpAgent'
  }
}

class QuietHttpsAgent extends HttpsAgent {
  [inspect.custom](): string {
    return 'HttpsAgent'
  }
}

/**
 * The connection pool for Docker at `host`; whoever asked for it destroys it. Throws `configuration` when a certificate
 * can't be read.
 */
export async function dockerAgent(host: DockerHost, signal: AbortSignal): Promise<Agent> {
  if (host.kind === 'unix' || host.certificates === undefined) return new QuietHttpAgent(options)
  const read = (name: string): Promise<string> => readCertificate(join(host.certificates ?? '', name), signal)
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')])
  return new QuietHttpsAgent({ ...options, ca, cert, key })
}

/** What the pool's connections are secured with. */
export function securedWith(agent: Agent): SecureContextOptions {
  if (!(agent instanceof HttpsAgent)) return {}
  const { ca, cert, key } = agent.options
  return { ca, cert, key }
}

async function readCertificate(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KubeletError('configuration', `Cannot read the certificate "${path}" (DOCKER_CERT_PATH): ${reason}`, {
      cause: error,
    })
  }
}
