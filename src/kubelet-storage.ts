/** What the agent keeps on the node's disk, and mounts there, built in one go: all of it lies in the root directory. */
import { isDockerHere } from './cgroup/open-cgroups.ts'
import type { KubeletConfig } from './config/config.ts'
import type { Engine, EngineInfo } from './engine/engine.ts'
import type { PodEventSink } from './model/pod-event.ts'
import { ResizeRecords } from './sync/resize/resize-records.ts'
import type { NodePaths } from './translate/paths.ts'
import type { Logger } from './util/log.ts'
import { ImageVolumes } from './volume/image-volumes.ts'
import { LogLinks } from './volume/log-links.ts'
import { KernelMounts } from './volume/mounts/kernel-mounts.ts'
import { PodFiles } from './volume/pod-files.ts'
import { PodVolumes, type PodVolumesOptions } from './volume/pod-volumes.ts'
import { closeRootDirectory, openRootDirectory } from './volume/root-directory.ts'

export interface StorageOptions {
  readonly config: Pick<KubeletConfig, 'rootDir' | 'clusterDomain' | 'podLogsDir' | 'containerLogsDir' | 'dockerHost'>
  readonly engine: Engine
  readonly daemon: EngineInfo
  readonly emit: PodEventSink
  readonly log: Logger
  readonly onVolume: NonNullable<PodVolumesOptions['onSetUp']>
}

export interface Storage {
  readonly paths: NodePaths
  readonly files: PodFiles
  readonly volumes: PodVolumes
  readonly imageVolumes: ImageVolumes
  readonly logLinks: LogLinks
  readonly resizes: ResizeRecords
  /** Removes what is left of it when no Pod has anything in it; what is not empty stays. Never rejects. */
  readonly close: () => Promise<void>
}

/** Opens the root directory, see `openRootDirectory`. Throws `aborted` only. */
export async function openStorage(
  { config, engine, daemon, emit, log, onVolume }: StorageOptions,
  signal: AbortSignal,
): Promise<Storage> {
  const paths = { root: config.rootDir, podLogs: config.podLogsDir }
  const logLinks = new LogLinks({
    folders: { podLogs: config.podLogsDir, containerLogs: config.containerLogsDir },
    // Of containers that are made without a word on how to log, as all of ours are.
    dataRoot: daemon.loggingDriver === 'json-file' ? daemon.rootDirectory : undefined,
    isDockerHere: isDockerHere(daemon, config.dockerHost),
    onFault: (error) => log.warn('Links to the logs of containers are not as they should be', { error }),
  })
  const mounts = new KernelMounts(paths.root)
  await openRootDirectory(paths, mounts, log, signal)
  return {
    paths,
    files: new PodFiles({ paths, clusterDomain: config.clusterDomain, onStranger: (message) => log.warn(message) }),
    volumes: new PodVolumes({ paths, mounts, emit, onSetUp: onVolume }),
    imageVolumes: new ImageVolumes({ paths, mounts, engine, daemon }),
    logLinks,
    resizes: new ResizeRecords(paths),
    close: async () => {
      await logLinks.close()
      await closeRootDirectory(paths, mounts, log)
    },
  }
}
