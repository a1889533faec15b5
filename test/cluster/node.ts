import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from './controlplane.ts'
import { corefile } from './dns.ts'
import { run } from './exec.ts'
import { pack } from './image.ts'
import { runDir } from './paths.ts'
import type { Component } from './processes.ts'

const pauseImage = 'agentjob.io/pause:1'

/** Path of the socket on which the cluster's containerd answers. */
export function containerdSocket(name: string): string {
  return join(runDir(name), 'containerd.sock')
}

/** The components that make this host a node of the cluster, in the order in which they need each other. */
export function node(layout: Layout): Component[] {
  const { name, folder, bin, network } = layout
  const kubelet = {
    config: join(folder, 'kubelet.yaml'),
    kubeconfig: join(folder, 'pki', 'node.kubeconfig'),
    'hostname-override': name,
    'node-ip': network.address,
    'root-dir': join(folder, 'kubelet'),
    'cert-dir': join(folder, 'pki'),
  }
  return [
    { name: 'containerd', command: 'containerd', args: ['--config', join(folder, 'containerd.toml')] },
    {
      name: 'kubelet',
      command: join(bin, 'kubelet'),
      args: Object.entries(kubelet).map(([flag, value]) => `--${flag}=${value}`),
    },
    {
      name: 'kube-proxy',
      command: 'ip',
      args: [
        ...['netns', 'exec', network.services.namespace],
        ...[join(bin, 'kube-proxy'), '--config', join(folder, 'kube-proxy.yaml')],
      ],
    },
    { name: 'coredns', command: join(bin, 'coredns'), args: ['-quiet', '-conf', join(folder, 'Corefile')] },
  ]
}

/** Writes the configuration files of the node's components and of containerd's network plugins. */
export async function configureNode(layout: Layout): Promise<void> {
  const { folder, name } = layout
  await mkdir(join(folder, 'cni'), { recursive: true })
  await mkdir(runDir(name), { recursive: true, mode: 0o711 })
  const files = {
    'containerd.toml': await containerdConfig(layout),
    'cni/10-bridge.conflist': JSON.stringify(networkConfig(layout), undefined, 2),
    'kubelet.yaml': JSON.stringify(kubeletConfig(layout), undefined, 2),
    'kube-proxy.yaml': JSON.stringify(proxyConfig(layout), undefined, 2),
    Corefile: await corefile(layout),
  }
  for (const [file, text] of Object.entries(files)) {
    // kube-proxy ends when its file is written, whatever is in it
    if ((await readFile(join(folder, file), 'utf8').catch(() => undefined)) !== text)
      await writeFile(join(folder, file), text)
  }
}

const unused = ['aufs', 'btrfs', 'devmapper', 'zfs']

async function containerdConfig({ folder, name }: Layout): Promise<string> {
  // overlayfs can't lie on overlayfs, which is what a container's own file system often is.
  const snapshotter = (await statfs(folder)).type === 0x794c7630 ? 'native' : 'overlayfs'
  return `version = 2
root = "${folder}/containerd"
state = "${runDir(name)}/containerd"
disabled_plugins = [${unused.map((plugin) => `"io.containerd.snapshotter.v1.${plugin}"`).join(', ')}]
[grpc]
  address = "${containerdSocket(name)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "${snapshotter}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
`
}

function networkConfig({ folder, network }: Layout) {
  return {
    cniVersion: '0.4.0',
    name: network.bridge,
    plugins: [
      {
        type: 'bridge',
        bridge: network.bridge,
        isGateway: true,
        ipam: {
          type: 'host-local',
          dataDir: join(folder, 'cni-addresses'),
          ranges: [[{ subnet: network.podCidr, gateway: network.address }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  }
}

/** A kubelet that neither limits nor evicts: the host belongs to somebody who has other things to do with it. */
function kubeletConfig({ name, folder, network }: Layout) {
  const pki = (file: string) => join(folder, 'pki', file)
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.address,
    port: network.ports.kubelet,
    healthzPort: 0,
    tlsCertFile: pki('kubelet.crt'),
    tlsPrivateKeyFile: pki('kubelet.key'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    clusterDNS: [network.dnsAddress],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${containerdSocket(name)}`,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    makeIPTablesUtilChains: false,
    maxPods: 250,
    podLogsDir: join(folder, 'pods'),
    volumePluginDir: join(folder, 'volume-plugins'),
    kubeAPIQPS: 500,
    kubeAPIBurst: 1000,
    registryPullQPS: 0,
    serializeImagePulls: false,
  }
}

/** It translates what the host routes into its network namespace, and has nothing to do with the host's own rules. */
function proxyConfig({ name, folder, network }: Layout) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(folder, 'pki', 'kube-proxy.kubeconfig'), qps: 500, burst: 1000 },
    hostnameOverride: name,
    mode: 'iptables',
    clusterCIDR: network.podCidr,
    // masqueraded, because a pod's answer would not come back here otherwise
    iptables: { masqueradeAll: true, localhostNodePorts: false, minSyncPeriod: '10ms' },
    // those of the host are the host's
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  }
}

/** Makes the image of the container that holds each pod's namespaces known to containerd. */
export async function importPauseImage({ name, folder, bin }: Layout): Promise<void> {
  const tar = join(folder, 'pause.tar')
  await pack(tar, { name: pauseImage, entrypoint: ['/pause'], files: [{ path: 'pause', from: join(bin, 'pause') }] })
  await importImage(name, tar)
}

/** Imports a docker-archive into the image store of the cluster's kubelet. */
export async function importImage(name: string, tar: string): Promise<void> {
  await run('ctr', ['--address', containerdSocket(name), '--namespace', 'k8s.io', 'images', 'import', tar])
}
