import { canonicalJson } from '../api/hash.ts'
import { isPolicy } from '../expand/egress/egress.ts'
import type { KubeObject } from '../kube/object.ts'

type Fields = Record<string, unknown>
interface CronJobSpec {
  jobTemplate?: { spec?: { template?: { spec?: Fields } } }
}

/** What the API server itself fills into a pod's spec. */
const DEFAULTED = ['dnsPolicy', 'schedulerName', 'serviceAccount', 'terminationGracePeriodSeconds']

/**
 * Whether somebody has put fields into the pods of a CronJob that are neither ours nor defaults, or anything into a policy:
 * there a port that ends later, or one label more, opens something.
 */
export function hasAdditions(wanted: KubeObject, live: KubeObject): boolean {
  if (isPolicy(wanted)) return 'specs' in live || canonicalJson(wanted.spec) !== canonicalJson(live.spec)
  if (wanted.kind !== 'CronJob') return false
  const [ours, theirs] = [podSpecOf(wanted), podSpecOf(live)]
  return Object.keys(theirs).some((field) => !(field in ours) && !DEFAULTED.includes(field))
}

const podSpecOf = ({ spec }: KubeObject): Fields =>
  (spec as CronJobSpec | undefined)?.jobTemplate?.spec?.template?.spec ?? {}
