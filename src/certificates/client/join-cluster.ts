import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiCredentials } from '../../cluster/kubeconfig/api-credentials.ts'
import { KubeletError } from '../../model/errors.ts'
import { failureText } from '../../util/file-error.ts'
import { hasCode } from '../../util/has-code.ts'
import type { Logger } from '../../util/log.ts'
import { writeAtomically } from '../../util/write-atomically.ts'
import type { CertificateStore } from '../certificate-store.ts'
import { parseKey, type KeyPair } from '../key-pair.ts'
import { clientSigner, clientTemplate } from '../requests/node-request.ts'
import { requestCertificate, type CertificateSource } from '../requests/request-certificate.ts'
import { algorithmOf, generateKeys, keyText } from '../x509/signing.ts'
import { nodeKubeconfig } from './node-kubeconfig.ts'

export interface JoinOptions {
  /** The API server, with the bootstrap kubeconfig's credentials. */
  readonly source: CertificateSource
  readonly credentials: ApiCredentials
  readonly nodeName: string
  /** `--cert-dir`. */
  readonly folder: string
  readonly store: CertificateStore
  /** Path of the kubeconfig to write. */
  readonly kubeconfig: string
  readonly log: Logger
}

/** How long somebody has to approve the request. */
const approvalLimitMs = 3_600_000

/**
 * Makes this machine a node of a cluster (pkg/kubelet/certificate/bootstrap): asks for its certificate, waits until somebody
 * has approved that, stores it and writes the kubeconfig that names it. The key is kept from the first try on, and with
 * it the request: an agent that was ended in the midst of it, at any point, goes on where it was. Throws what
 * `requestCertificate` throws, and `configuration` for what cannot be written.
 */
export async function joinCluster(options: JoinOptions, signal: AbortSignal): Promise<void> {
  const { credentials, folder, store, kubeconfig, log } = options
  const keyPath = join(folder, 'kubelet-client.key.tmp')
  const pair = await certificateFor(options, keyPath, signal)
  await store.update(pair, Date.now())
  await written(kubeconfig, nodeKubeconfig(credentials, store.currentPath))
  await rm(keyPath, { force: true })
  log.info('This node has joined the cluster', { kubeconfig, certificate: store.currentPath, ends: pair.leaf.validTo })
}

async function certificateFor(options: JoinOptions, keyPath: string, signal: AbortSignal): Promise<KeyPair> {
  const kept = (await storedKey(options.store)) ?? (await keptKey(keyPath))
  if (kept !== undefined) {
    try {
      return await request(options, kept, signal)
    } catch (error) {
      // The request of this key is somebody else's, or what was signed for it has ended: another key has another request.
      if (!KubeletError.is(error, 'conflict')) throw error
      options.log.info('The node asks for its certificate with a new key', { reason: error.message })
    }
  }
  const { privateKey } = generateKeys()
  await written(keyPath, keyText(privateKey))
  return request(options, privateKey, signal)
}

function request({ source, nodeName, log }: JoinOptions, privateKey: KeyObject, signal: AbortSignal): Promise<KeyPair> {
  return requestCertificate(
    {
      source,
      signerName: clientSigner,
      template: clientTemplate(nodeName),
      privateKey,
      naming: 'of-key',
      limitMs: approvalLimitMs,
      onWaiting: (name) =>
        log.info('The node asks for its certificate, and waits until that is approved and signed', {
          request: name,
          approve: `kubectl certificate approve ${name}`,
        }),
      onFault: (error, retryInMs) =>
        log.warn('How the request for a certificate stands could not be read', { error, retryInMs }),
    },
    signal,
  )
}

/** The key of the certificate that the node had. */
async function storedKey(store: CertificateStore): Promise<KeyObject | undefined> {
  try {
    const pair = await store.current()
    return pair === undefined ? undefined : usable(createPrivateKey(pair.keyPem))
  } catch (error) {
    if (KubeletError.is(error, 'configuration')) return undefined
    throw error
  }
}

/** The key of a request that was made and not answered yet. */
async function keptKey(path: string): Promise<KeyObject | undefined> {
  try {
    return usable(parseKey(await readFile(path, 'utf8')))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw new KubeletError('configuration', `Cannot read the key of the node: ${failureText(error)}`, { cause: error })
  }
}

function usable(key: KeyObject | undefined): KeyObject | undefined {
  return key === undefined || algorithmOf(key) === undefined ? undefined : key
}

async function written(path: string, text: string): Promise<void> {
  try {
    await writeAtomically(path, text, 0o600)
  } catch (error) {
    throw new KubeletError('configuration', `Cannot write "${path}": ${failureText(error)}`, { cause: error })
  }
}
