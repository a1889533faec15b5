import type { Values } from '../../install/values.ts'
import type { Client } from '../../kube/client.ts'
import { isNotFound } from '../../kube/errors.ts'

/** Values in which `egress.hosts: auto` has become what the cluster has: Cilium where it serves its kinds, else Ports. */
export async function withHostsOf({ transport }: Pick<Client, 'transport'>, values: Values): Promise<Values> {
  if (values.egress.hosts !== 'auto') return values
  try {
    await transport.request({ method: 'GET', path: '/apis/cilium.io/v2' })
    return { ...values, egress: { ...values.egress, hosts: 'Cilium' } }
  } catch (error) {
    if (!isNotFound(error)) throw error
    return { ...values, egress: { ...values.egress, hosts: 'Ports' } }
  }
}
