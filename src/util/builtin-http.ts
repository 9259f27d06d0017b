import type * as Http from 'node:http'
import type * as Https from 'node:https'

/**
 * Node's own `node:http` and `node:https`. An `import` of them from an ES module reads all that they export, and with that
 * loads undici for its WebSocket: 4 MB of resident memory that nobody here asks for. Types are imported as usual.
 */
export const http: typeof Http = process.getBuiltinModule('node:http')
export const https: typeof Https = process.getBuiltinModule('node:https')
