import type { Values } from '../../install/values.ts'
import type { Client } from '../../kube/client.ts'
import { isNotFound } from '../../kube/errors.ts'

/** Whether it matters what `egress.hosts: auto` comes to: there are policies, or some are to be removed. */
const isOpen = ({ egress }: Values): boolean => egress.hosts === 'auto' && (egress.enabled || egress.cleanUp)

/** What whoever prints the objects should know of `egress.hosts: auto`; undefined where nothing is left open. */
export const guessedHosts = (values: Values): string | undefined =>
  isOpen(values)
    ? 'egress.hosts is auto, and no cluster was asked: this is for Ports; with Cilium, say --set egress.hosts=Cilium'
    : undefined

/** Values in which `egress.hosts: auto` has become what the cluster has: Cilium where it serves its kinds, else Ports. */
export async function withHostsOf({ transport }: Pick<Client, 'transport'>, values: Values): Promise<Values> {
  if (!isOpen(values)) return values
  try {
    await transport.request({ method: 'GET', path: '/apis/cilium.io/v2' })
    return { ...values, egress: { ...values.egress, hosts: 'Cilium' } }
  } catch (error) {
    if (!isNotFound(error)) throw error
    return { ...values, egress: { ...values.egress, hosts: 'Ports' } }
  }
}
