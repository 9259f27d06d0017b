import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../support/command.ts'

/** A folder of the host with something of every type in it, for volumes that point there. */
export class HostFolder implements AsyncDisposable {
  readonly path: string
  readonly #server: Server

  private constructor(path: string, server: Server) {
    this.path = path
    this.#server = server
  }

  static async make(): Promise<HostFolder> {
    const path = await mkdtemp(join(tmpdir(), 'minikubelet-host-'))
    const at = (name: string): string => join(path, name)
    await chmod(path, 0o755)
    const pods = ['claims', 'claims-grouped']
    const volumes = pods.flatMap((pod) => ['host', 'local', 'read'].map((name) => `volumes/${pod}-${name}`))
    for (const name of ['directory', ...volumes]) {
      await mkdir(at(name), { recursive: true })
      await chmod(at(name), 0o755)
      await writeFile(at(`${name}/file`), 'a file\n')
      await chmod(at(`${name}/file`), 0o644)
    }
    await symlink('directory', at('link'))
    await symlink('file', at('directory/inner-link'))
    await symlink('/etc', at('directory/way-out'))
    await run('mknod', '--mode=600', at('block'), 'b', '7', '200')
    const server = createServer().listen(at('socket'))
    await once(server, 'listening')
    return new HostFolder(path, server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await rm(this.path, { recursive: true, force: true })
  }
}
