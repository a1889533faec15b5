import { join } from 'node:path'
import type { Network } from './network.ts'
import type { Component } from './processes.ts'

/** What the arguments of a cluster's components follow from. */
export interface Layout {
  name: string
  /** Folder of the cluster. */
  folder: string
  /** Folder of the binaries. */
  bin: string
  network: Network
}

/** The components of a cluster that runs no pods, in the order in which they need each other. */
export function controlPlane(layout: Layout): Component[] {
  const component = (name: string, flags: Record<string, string | number | boolean>): Component => ({
    name,
    command: join(layout.bin, name),
    args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
  })
  return [
    component('etcd', etcd(layout)),
    component('kube-apiserver', apiServer(layout)),
    component('kube-controller-manager', controllerManager(layout)),
    component('kube-scheduler', scheduler(layout)),
    component('provisioner', provisioner(layout)),
  ]
}

const pki = (layout: Layout, file: string) => join(layout.folder, 'pki', file)

function etcd(layout: Layout) {
  const client = `https://127.0.0.1:${layout.network.ports.etcd}`
  const peer = `https://127.0.0.1:${layout.network.ports.etcdPeer}`
  const [ca, certificate, key] = ['etcd-ca.crt', 'etcd.crt', 'etcd.key'].map((file) => pki(layout, file)) as string[]
  return {
    name: 'default',
    'data-dir': join(layout.folder, 'etcd'),
    'unsafe-no-fsync': true,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'client-cert-auth': true,
    'trusted-ca-file': ca!,
    'cert-file': certificate!,
    'key-file': key!,
    'peer-client-cert-auth': true,
    'peer-trusted-ca-file': ca!,
    'peer-cert-file': certificate!,
    'peer-key-file': key!,
    'auto-compaction-retention': '5m',
    'quota-backend-bytes': 4 * 1024 ** 3,
    'log-level': 'warn',
  }
}

function apiServer(layout: Layout) {
  const { network } = layout
  return {
    'bind-address': network.address,
    'advertise-address': network.address,
    'secure-port': network.ports.apiServer,
    // An Endpoints object refuses loopback addresses.
    'endpoint-reconciler-type': network.bridge ? 'master-count' : 'none',
    'etcd-servers': `https://127.0.0.1:${network.ports.etcd}`,
    'etcd-cafile': pki(layout, 'etcd-ca.crt'),
    'etcd-certfile': pki(layout, 'etcd.crt'),
    'etcd-keyfile': pki(layout, 'etcd.key'),
    'tls-cert-file': pki(layout, 'kube-apiserver.crt'),
    'tls-private-key-file': pki(layout, 'kube-apiserver.key'),
    'client-ca-file': pki(layout, 'ca.crt'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': true,
    'service-cluster-ip-range': network.serviceCidr,
    // Webhooks are called at their Service's endpoints: there is no kube-proxy that would know its address.
    'enable-aggregator-routing': true,
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': pki(layout, 'service-account.crt'),
    'service-account-signing-key-file': pki(layout, 'service-account.key'),
    'kubelet-certificate-authority': pki(layout, 'ca.crt'),
    'kubelet-client-certificate': pki(layout, 'apiserver-kubelet-client.crt'),
    'kubelet-client-key': pki(layout, 'apiserver-kubelet-client.key'),
    'kubelet-preferred-address-types': 'InternalIP',
    profiling: false,
  }
}

function controllerManager(layout: Layout) {
  return {
    kubeconfig: pki(layout, 'kube-controller-manager.kubeconfig'),
    'service-account-private-key-file': pki(layout, 'service-account.key'),
    'root-ca-file': pki(layout, 'ca.crt'),
    'cluster-signing-cert-file': pki(layout, 'ca.crt'),
    'cluster-signing-key-file': pki(layout, 'ca.key'),
    'use-service-account-credentials': true,
    'leader-elect': false,
    'secure-port': 0,
    'kube-api-qps': 500,
    'kube-api-burst': 1000,
  }
}

function scheduler(layout: Layout) {
  return {
    kubeconfig: pki(layout, 'kube-scheduler.kubeconfig'),
    'leader-elect': false,
    'secure-port': 0,
    'kube-api-qps': 500,
    'kube-api-burst': 1000,
  }
}

function provisioner(layout: Layout) {
  return {
    kubeconfig: pki(layout, 'provisioner.kubeconfig'),
    folder: join(layout.folder, 'volumes'),
    node: layout.name,
  }
}
