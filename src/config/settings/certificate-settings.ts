import type { TlsVersionName } from '../../util/tls-names.ts'
import { tlsCipherSuites, tlsVersion } from '../values/tls-values.ts'
import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Whom the agent shows itself as: to the API server, and to those who call it. */
export const certificateSettings = {
  bootstrapKubeconfig: setting<string | undefined>({
    group: 'Certificates',
    flag: 'bootstrap-kubeconfig',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: '',
    help: 'Kubeconfig with which a node asks for its certificate when that of --kubeconfig is missing or has ended; --kubeconfig is then written',
  }),
  rotateCertificates: setting<boolean>({
    group: 'Certificates',
    flag: 'rotate-certificates',
    field: 'rotateCertificates',
    type: types.toggle,
    fallback: false,
    shownDefault: 'false',
    help: 'Ask for a new certificate of the node for the API server before the old one ends',
  }),
  certDir: setting<string | undefined>({
    group: 'Certificates',
    flag: 'cert-dir',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: 'pki below --root-dir',
    help: 'Folder for the certificates and keys that the agent gets or makes',
  }),
  serverTlsBootstrap: setting<boolean>({
    group: 'Certificates',
    flag: 'rotate-server-certificates',
    field: 'serverTLSBootstrap',
    type: types.toggle,
    fallback: false,
    shownDefault: 'false',
    help: 'Ask the cluster for the certificate of the HTTPS API, and for a new one before it ends; somebody has to approve that',
  }),
  tlsCertFile: setting<string | undefined>({
    group: 'Certificates',
    flag: 'tls-cert-file',
    field: 'tlsCertFile',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: 'a self-signed one, kept in --cert-dir',
    help: 'Certificate of the HTTPS API, and those that vouch for it; read again when it changes',
  }),
  tlsPrivateKeyFile: setting<string | undefined>({
    group: 'Certificates',
    flag: 'tls-private-key-file',
    field: 'tlsPrivateKeyFile',
    type: types.optionalPath,
    fallback: undefined,
    shownDefault: '',
    help: 'Private key of --tls-cert-file',
  }),
  tlsMinVersion: setting<TlsVersionName>({
    group: 'Certificates',
    flag: 'tls-min-version',
    field: 'tlsMinVersion',
    type: tlsVersion,
    fallback: 'VersionTLS12',
    shownDefault: 'VersionTLS12',
    help: 'The oldest TLS that the HTTPS API speaks; 1.0 and 1.1 are taken for 1.2',
  }),
  tlsCipherSuites: setting<readonly string[]>({
    group: 'Certificates',
    flag: 'tls-cipher-suites',
    field: 'tlsCipherSuites',
    type: tlsCipherSuites,
    fallback: [],
    shownDefault: "OpenSSL's",
    help: 'Cipher suites of the HTTPS API in TLS 1.2; those of TLS 1.3 are not to be chosen',
  }),
} as const
