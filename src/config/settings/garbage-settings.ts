import * as types from '../values/value-types.ts'
import { setting } from './setting.ts'

/** Milliseconds. */
const minute = 60_000

/** What is kept of containers that ended and of images that nobody uses, and for how long. */
export const garbageSettings = {
  deadContainerMinAgeMs: setting<number>({
    group: 'Pods',
    flag: 'minimum-container-ttl-duration',
    type: types.anyDuration,
    fallback: 0,
    shownDefault: '0s',
    help: 'How long an ended container is kept at least. Deprecated, as with the kubelet',
  }),
  deadPerContainer: setting<number>({
    group: 'Pods',
    flag: 'maximum-dead-containers-per-container',
    type: types.anyInteger,
    fallback: 1,
    shownDefault: '1',
    help: 'How many ended instances of a container are kept, negative for no bound. Deprecated, as with the kubelet',
  }),
  deadContainers: setting<number>({
    group: 'Pods',
    flag: 'maximum-dead-containers',
    type: types.anyInteger,
    fallback: -1,
    shownDefault: '-1',
    help: 'How many ended containers are kept on the node, negative for no bound. Deprecated, as with the kubelet',
  }),
  imageHighPercent: setting<number>({
    group: 'Images',
    flag: 'image-gc-high-threshold',
    field: 'imageGCHighThresholdPercent',
    type: types.anyInteger,
    fallback: 85,
    shownDefault: '85',
    help: "Percent of the disk with Docker's images in use from which on unused images are removed; 100 for never",
  }),
  imageLowPercent: setting<number>({
    group: 'Images',
    flag: 'image-gc-low-threshold',
    field: 'imageGCLowThresholdPercent',
    type: types.anyInteger,
    fallback: 80,
    shownDefault: '80',
    help: 'Percent in use down to which they are removed then',
  }),
  imageMinAgeMs: setting<number>({
    group: 'Images',
    flag: 'minimum-image-ttl-duration',
    field: 'imageMinimumGCAge',
    type: types.anyDuration,
    fallback: 2 * minute,
    shownDefault: '2m',
    help: 'How long an image is left alone after it was first seen',
  }),
  imageMaxAgeMs: setting<number>({
    group: 'Images',
    field: 'imageMaximumGCAge',
    type: types.anyDuration,
    fallback: 0,
    shownDefault: '0s',
    help: 'How long an image may be unused before it is removed, however much room there is; 0 for ever',
  }),
  imageScope: setting<'pods' | 'all'>({
    group: 'Images',
    flag: 'image-gc-scope',
    type: types.choice(['pods', 'all']),
    fallback: 'pods',
    shownDefault: 'pods',
    help: 'Which unused images may be removed: those that only Pods of this node have asked for, or, as with the kubelet, all',
  }),
} as const
