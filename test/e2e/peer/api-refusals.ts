import type { Question } from './api-server.ts'

const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
const webSocket = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
const protocol = 'x-stream-protocol-version'

/** Upgrades that are refused. */
export const refusedUpgrades: readonly Question[] = [
  ...[
    '/exec/<node>/talks/main?command=true&output=1',
    '/attach/<node>/talks/main?output=1',
    '/portForward/<node>/talks',
  ].flatMap((path) => [
    { path, headers: spdy },
    { path, headers: { ...spdy, [protocol]: '' } },
    { path, headers: { ...spdy, [protocol]: 'v9.channel.k8s.io' } },
    { path, headers: { ...spdy, [protocol]: ['v9.channel.k8s.io', 'v8.channel.k8s.io'] } },
    { path, headers: { upgrade: 'SPDY/3.1', [protocol]: 'v4.channel.k8s.io' } },
    { path, headers: { connection: 'Upgrade', upgrade: 'SPDY/2', [protocol]: 'v4.channel.k8s.io' } },
    { path, headers: { ...webSocket, 'sec-websocket-protocol': 'v9.channel.k8s.io' } },
    { path, headers: { ...webSocket, 'sec-websocket-version': '12' } },
  ]),
  ...['talks/main?command=true', 'none/main?command=true&output=1', 'talks/none?command=true&output=1'].flatMap(
    (path) => [
      { path: `/exec/<node>/${path}`, headers: { ...spdy, [protocol]: 'v4.channel.k8s.io' }, method: 'POST' },
      { path: `/attach/<node>/${path}`, headers: { ...spdy, [protocol]: 'v4.channel.k8s.io' }, method: 'POST' },
      { path: `/exec/<node>/${path}`, headers: webSocket },
    ],
  ),
  { path: '/portForward/<node>/none', headers: { ...spdy, [protocol]: 'portforward.k8s.io' }, method: 'POST' },
  ...['', '?port=', '?port=x', '?port=0', '?port=70000'].map((query) => ({
    path: `/portForward/<node>/talks${query}`,
    headers: { ...webSocket, 'sec-websocket-protocol': 'v4.channel.k8s.io' },
  })),
]
