import type * as Http from 'node:http'

/**
 * Node's own `node:http`. An `import` of it from an ES module reads all that it exports, and with that loads undici for
 * its WebSocket: 4 MB of resident memory that nobody here asks for. Types are imported from `node:http` as usual.
 */
export const http: typeof Http = process.getBuiltinModule('node:http')
