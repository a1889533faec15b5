import type { ClusterAccessSpec, PolicyRule } from '../src/api/clusteraccess.ts'

/** What a SubjectAccessReview asks for. */
export type Attributes =
  | { verb: string; group: string; resource: string; subresource?: string; name?: string; namespace?: string }
  | { verb: string; path: string }

/**
 * Every single right that the rules give, each as the attributes of a SubjectAccessReview; "*" stays "*", which only
 * somebody holds who holds everything. `namespace` undefined: in all namespaces. One after the other, because the lists
 * of a few rules make millions.
 */
export function* rightsOf({ rules }: ClusterAccessSpec, namespace: string | undefined): Generator<Attributes> {
  for (const rule of rules) {
    yield* ofResources(rule, namespace)
    yield* ofPaths(rule)
  }
}

const orAll = (names: string[] | undefined): (string | undefined)[] => (names?.length ? names : [undefined])

function* ofResources(rule: PolicyRule, namespace: string | undefined): Generator<Attributes> {
  for (const group of rule.apiGroups ?? [])
    for (const path of rule.resources ?? [])
      for (const name of orAll(rule.resourceNames))
        for (const verb of rule.verbs) {
          const [resource, subresource] = path.split('/', 2) as [string, string?]
          yield { verb, group, resource, subresource, name, namespace }
        }
}

function* ofPaths(rule: PolicyRule): Generator<Attributes> {
  for (const path of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) yield { verb, path }
}

/** `delete secrets in namespace agents`, as a message names a right. */
export function describeRight(right: Attributes): string {
  if ('path' in right) return `${right.verb} ${right.path}`
  const resource = right.subresource ? `${right.resource}/${right.subresource}` : right.resource
  const what = right.group ? `${resource}.${right.group}` : resource
  const which = right.name ? ` "${right.name}"` : ''
  return `${right.verb} ${what}${which} ${right.namespace ? `in namespace ${right.namespace}` : 'in all namespaces'}`
}
