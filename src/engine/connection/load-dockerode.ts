import { createRequire } from 'node:module'
import type Dockerode from 'dockerode'

type DockerodeClass = typeof Dockerode

/**
 * dockerode, whole, but without the two libraries behind it that this agent never calls: gRPC (BuildKit's build
 * sessions) and ssh2 (Docker over ssh). They cost 19 MB of resident memory; docs/decisions/engine-imports.md has the
 * measurements. Where a later release has moved those files, they are loaded like the rest: memory is all that is lost.
 */
export function loadDockerode(): DockerodeClass {
  const require = createRequire(import.meta.url)
  const entry = require.resolve('dockerode')
  // Loaded already, by a test or by an embedder: theirs is as good.
  if (require.cache[entry] === undefined) {
    leaveOut(createRequire(entry), './session')
    leaveOut(createRequire(entry), 'docker-modem/lib/ssh')
  }
  const dockerode: DockerodeClass = require('dockerode')
  return dockerode
}

/** Puts a stand-in for one file into Node's module cache, which is what `require` asks before it reads a file. */
function leaveOut(require: NodeJS.Require, file: string): void {
  let path: string
  try {
    path = require.resolve(file)
  } catch {
    return
  }
  require.cache[path] ??= {
    id: path,
    path,
    filename: path,
    loaded: true,
    exports: unsupported,
    children: [],
    paths: [],
    parent: null,
    isPreloading: false,
    require,
  }
}

function unsupported(): never {
  throw new Error('This part of dockerode is left out of minikubelet (see docs/decisions/engine-imports.md)')
}
