import { join, resolve } from 'node:path'
import type { CertificateConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'

/** The settings of certificates, with a fault noted for what only makes sense together. */
export function readCertificateConfig(reader: SettingReader): CertificateConfig {
  const bootstrapKubeconfig = reader.readPath(settings.bootstrapKubeconfig)
  if (bootstrapKubeconfig !== undefined && reader.read(settings.kubeconfig) === undefined) {
    reader.fault('--bootstrap-kubeconfig needs --kubeconfig: the file to be written when the node has its certificate')
  }
  return {
    folder: reader.readPath(settings.certDir) ?? join(resolve(reader.read(settings.rootDir)), 'pki'),
    bootstrapKubeconfig,
    rotateClient: reader.read(settings.rotateCertificates),
    requestServing: reader.read(settings.serverTlsBootstrap),
    servingFiles: servingFiles(reader),
    minVersion: reader.read(settings.tlsMinVersion),
    cipherSuites: reader.read(settings.tlsCipherSuites),
  }
}

function servingFiles(reader: SettingReader): CertificateConfig['servingFiles'] {
  const certificate = reader.readPath(settings.tlsCertFile)
  const key = reader.readPath(settings.tlsPrivateKeyFile)
  if (certificate !== undefined && key !== undefined) return { certificate, key }
  if (certificate !== undefined || key !== undefined) {
    reader.fault('--tls-cert-file (tlsCertFile) and --tls-private-key-file (tlsPrivateKeyFile) go together: give both')
  }
  return undefined
}
