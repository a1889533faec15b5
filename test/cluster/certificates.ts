import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './exec.ts'
import type { Network } from './network.ts'

/** Names of the certificates of a cluster; `pki/NAME.crt` and `pki/NAME.key` in its folder. */
function certificates(name: string, network: Network) {
  const everywhere = ['127.0.0.1', 'localhost', network.address]
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']
  const client = (commonName: string, ...organization: string[]) => ({ authority: 'ca', commonName, organization })
  return [
    { name: 'ca', commonName: `agentjob cluster ${name}` },
    { name: 'etcd-ca', commonName: `agentjob cluster ${name} etcd` },
    { name: 'etcd', authority: 'etcd-ca', commonName: 'etcd', hosts: everywhere },
    {
      name: 'kube-apiserver',
      authority: 'ca',
      commonName: 'kube-apiserver',
      hosts: [...everywhere, network.serviceAddress, ...service],
    },
    { name: 'kubelet', authority: 'ca', commonName: `system:node:${name}`, hosts: [...everywhere, name] },
    { name: 'service-account', commonName: 'service-account' },
    { name: 'apiserver-kubelet-client', ...client('kube-apiserver-kubelet-client', 'system:masters') },
    { name: 'admin', ...client('agentjob-cluster-admin', 'system:masters') },
    { name: 'kube-controller-manager', ...client('system:kube-controller-manager') },
    { name: 'kube-scheduler', ...client('system:kube-scheduler') },
    { name: 'provisioner', ...client('provisioner', 'system:masters') },
    { name: 'kube-proxy', ...client('system:kube-proxy') },
    { name: 'coredns', ...client('coredns', 'system:masters') },
    { name: 'node', ...client(`system:node:${name}`, 'system:nodes') },
  ]
}

/** Makes the cluster's keys and certificates (good for ten years) and the kubeconfigs of all who talk to its API server. */
export async function makeCertificates(folder: string, bin: string, name: string, network: Network): Promise<void> {
  const pki = join(folder, 'pki')
  await mkdir(pki, { recursive: true, mode: 0o700 })
  await run(join(bin, 'certificates'), [pki], { input: JSON.stringify(certificates(name, network)) })
  const server = `https://${network.address}:${network.ports.apiServer}`
  await writeKubeconfig(folder, 'kubeconfig', 'admin', name, server)
  for (const user of ['kube-controller-manager', 'kube-scheduler', 'provisioner', 'kube-proxy', 'coredns', 'node']) {
    await writeKubeconfig(folder, join('pki', `${user}.kubeconfig`), user, name, server)
  }
}

async function writeKubeconfig(folder: string, file: string, user: string, name: string, server: string) {
  const base64 = async (part: string) => (await readFile(join(folder, 'pki', part))).toString('base64')
  const cluster = name === 'agentjob' ? name : `agentjob-${name}`
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': await base64('ca.crt') } }],
    contexts: [{ name: cluster, context: { cluster, user: `${cluster}-${user}` } }],
    users: [
      {
        name: `${cluster}-${user}`,
        user: {
          'client-certificate-data': await base64(`${user}.crt`),
          'client-key-data': await base64(`${user}.key`),
        },
      },
    ],
  }
  await writeFile(join(folder, file), `${JSON.stringify(kubeconfig, undefined, 2)}\n`, { mode: 0o600 })
}
