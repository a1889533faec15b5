import { canonicalJson } from '../../api/hash.ts'
import { isFields } from '../../api/isfields.ts'

type Fields = Record<string, unknown>

/**
 * The merge patch that `kubectl apply` sends of a custom resource: what the manifest says otherwise than the object that
 * is there, and null for what the manifest that was applied last had and this one has no more.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-apply-calculates-differences-and-merges-changes
 */
export function threeWayPatch(last: Fields, manifest: Fields, live: Fields): Fields {
  const patch: Fields = {}
  for (const [field, wanted] of Object.entries(manifest)) {
    const [there, before] = [live[field], last[field]]
    if (isFields(wanted) && isFields(there)) {
      const nested = threeWayPatch(isFields(before) ? before : {}, wanted, there)
      if (Object.keys(nested).length) patch[field] = nested
    } else if (canonicalJson(wanted) !== canonicalJson(there)) patch[field] = wanted
  }
  for (const field of Object.keys(last)) if (!(field in manifest) && field in live) patch[field] = null
  return patch
}
