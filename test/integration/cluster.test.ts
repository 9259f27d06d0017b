import { clusterContract } from '../contract/cluster.contract.ts'
import { clusterHarness } from './cluster-harness.ts'

clusterContract('KubeCluster', clusterHarness)
