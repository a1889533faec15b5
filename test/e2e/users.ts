import { reviewAccess } from '../../src/kube/access.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { eventually, theWorld } from './world.ts'

/** A rule of a Role. */
export interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
}

/** What somebody needs who writes AgentJobs with kubectl, and nothing else. */
export const AUTHOR: Rule = {
  apiGroups: ['agentjob.io'],
  resources: ['agentjobs'],
  verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'],
}

const RBAC = 'rbac.authorization.k8s.io'
const type = (kind: string, plural: string, namespaced: boolean): ResourceType => ({
  group: RBAC,
  version: 'v1',
  kind,
  plural,
  namespaced,
})
let made = 0

/** A user of the test's own who may do so much in a namespace, as a name for `--as`. */
export async function newUser(namespace: string, ...rules: Rule[]): Promise<string> {
  const name = `user-${Date.now().toString(36)}-${made++}`
  await grant(name, namespace, ...rules)
  return name
}

/** Gives a user rights in a namespace, or, where it is undefined, everywhere; resolves when the API server knows of it. */
export async function grant(
  user: string,
  namespace: string | undefined,
  ...rules: Rule[]
): Promise<() => Promise<void>> {
  const { client } = await theWorld()
  const [kind, plural] = namespace ? ['Role', 'roles'] : ['ClusterRole', 'clusterroles']
  const name = `${user}-${made++}`
  const roleType = type(kind as string, plural as string, namespace !== undefined)
  const bindingType = type(`${kind}Binding`, `${kind?.toLowerCase()}bindings`, namespace !== undefined)
  const metadata = { name, namespace }
  const apiVersion = `${RBAC}/v1`
  await client.create<KubeObject>(roleType, { apiVersion, kind: kind as string, metadata, rules })
  await client.create<KubeObject>(bindingType, {
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [subject(user)],
  })
  const [last] = rules.slice(-1)
  if (last) await until(user, namespace, last, 'yes')
  return async () => {
    await client.delete(bindingType, { name, namespace })
    if (last) await until(user, namespace, last, 'no')
  }
}

/** `system:serviceaccount:NAMESPACE:NAME` is an account, everything else a user. */
function subject(user: string) {
  const [, , namespace, name] = user.startsWith('system:serviceaccount:') ? user.split(':') : []
  return name ? { kind: 'ServiceAccount', namespace, name } : { kind: 'User', apiGroup: RBAC, name: user }
}

const until = (user: string, namespace: string | undefined, rule: Rule, answer: 'yes' | 'no') =>
  eventually(
    `rights of ${user}: ${answer}`,
    () => may(user, namespace, rule),
    (said) => said === (answer === 'yes'),
  )

/** Whether a user may do what a rule says first, in a namespace or everywhere. */
export async function may(user: string, namespace: string | undefined, rule: Rule): Promise<boolean> {
  const { client } = await theWorld()
  const { verbs, apiGroups, resources, resourceNames } = rule
  const [verb, group, resource] = [verbs[0], apiGroups[0], resources[0]] as [string, string, string]
  const attributes = { verb, group, resource, name: resourceNames?.[0], namespace }
  return (await reviewAccess(client, { username: user }, attributes)).allowed
}
