import type { ApiCredentials } from '../../cluster/kubeconfig/api-credentials.ts'

/**
 * The kubeconfig of a node that has joined with a bootstrap one: the same server, and the file of the certificate that is in
 * use, whichever it is (bootstrap.go, writeKubeconfigFromBootstrapping). Unlike the kubelet's it keeps how the server is
 * reached: `tls-server-name` and `proxy-url`.
 */
export function nodeKubeconfig(credentials: ApiCredentials, certificatePath: string): string {
  const { server, ca, files, insecureSkipTlsVerify, tlsServerName, proxyUrl } = credentials
  const cluster = {
    server,
    ...(files.authority !== undefined
      ? { 'certificate-authority': files.authority }
      : ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(insecureSkipTlsVerify && { 'insecure-skip-tls-verify': true }),
    ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
    ...(proxyUrl !== undefined && { 'proxy-url': proxyUrl }),
  }
  const lines = Object.entries(cluster).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`)
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: default-cluster',
    '  cluster:',
    ...lines,
    'contexts:',
    '- name: default-context',
    '  context:',
    '    cluster: default-cluster',
    '    namespace: default',
    '    user: default-auth',
    'current-context: default-context',
    'users:',
    '- name: default-auth',
    '  user:',
    `    client-certificate: ${JSON.stringify(certificatePath)}`,
    `    client-key: ${JSON.stringify(certificatePath)}`,
    '',
  ].join('\n')
}
