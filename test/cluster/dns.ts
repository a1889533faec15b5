import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ask } from './api.ts'
import type { Layout } from './controlplane.ts'
import type { Network } from './network.ts'

/** The configuration of CoreDNS: Services by their names, everything else as this host resolves it. */
export async function corefile({ folder, network }: Layout): Promise<string> {
  const hosts = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
  return `.:${network.ports.dns} {
  bind ${network.address}
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${join(folder, 'pki', 'coredns.kubeconfig')}
    fallthrough in-addr.arpa ip6.arpa
    ttl 5
  }
${/^nameserver\s/m.test(hosts) ? '  forward . /etc/resolv.conf\n' : ''}  cache 30 {
    disable success cluster.local
    disable denial cluster.local
  }
}
`
}

/** Makes the Service by whose address pods ask CoreDNS, which is a process of this host; says whether it is there. */
export async function ensureDns({ address, dnsAddress, ports }: Network, ask: Ask): Promise<boolean> {
  const labels = { 'kubernetes.io/name': 'CoreDNS' }
  const metadata = { name: 'kube-dns', namespace: 'kube-system' }
  const protocols = [
    { name: 'dns', protocol: 'UDP' },
    { name: 'dns-tcp', protocol: 'TCP' },
  ]
  const service = await create(ask, '/api/v1/namespaces/kube-system/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels },
    spec: { clusterIP: dnsAddress, ports: protocols.map((one) => ({ ...one, port: 53, targetPort: ports.dns })) },
  })
  const slice = await create(ask, '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { ...labels, 'kubernetes.io/service-name': metadata.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: protocols.map((one) => ({ ...one, port: ports.dns })),
  })
  return service && slice
}

async function create(
  ask: Ask,
  path: string,
  object: { metadata: { name: string; [field: string]: unknown }; [field: string]: unknown },
): Promise<boolean> {
  // not by the answer to a POST alone: its address is taken, is what one hears of a Service that is there
  if ((await ask(`${path}/${object.metadata.name}`)).status === 200) return true
  return (await ask(path, object)).status === 201
}
