import type { Finding } from '../api/finding.ts'
import { nearest } from '../api/unknownfields.ts'
import { lookupNamespaces } from '../expand/references.ts'
import type { Settings } from '../expand/settings.ts'
import type { CheckedObject } from './objects.ts'
import { formatPosition } from './position.ts'

/** How an expansion tells of a reference that leads nowhere. */
const MISSING = /^(contexts\[\d+\] of AgentRuntime "[^"]+": )?there is no ([A-Z]\w+) "([^"]+)" in namespace /

/**
 * What is said of references that are not among the files, in the words of whoever has files only; findings of other
 * fields stay as they are. Only here is there a guess at what was meant: admission does not tell what there is.
 */
export function missingFromFiles(
  findings: readonly Finding[],
  { namespace }: CheckedObject,
  objects: CheckedObject[],
  settings: Settings,
): Finding[] {
  const namespaces = lookupNamespaces(namespace, settings)
  return findings.map((finding) => {
    const [, who = '', kind, name] = MISSING.exec(finding.message) ?? []
    if (!kind || !name) return finding
    const where = `among the files, in namespace ${namespaces.join(' or ')}`
    const hint = hintAt({ kind, name }, namespaces, objects)
    return { ...finding, message: `${who}there is no ${kind} "${name}" ${where}; ${hint}` }
  })
}

function hintAt(
  { kind, name }: { kind: string; name: string },
  namespaces: string[],
  objects: CheckedObject[],
): string {
  const ofKind = objects.filter((object) => object.kind === kind)
  const inReach = (object: CheckedObject) => namespaces.includes(object.namespace)
  const named = objects.filter((object) => object.name === name)
  const invalid = named.find((object) => object.kind === kind && inReach(object))
  if (invalid) return `the one at ${formatPosition(invalid.manifest.positionOf(''))} is not valid`
  const near = nearest(
    name,
    ofKind.filter(inReach).map((object) => object.name),
  )
  if (near) return `did you mean ${near}?`
  const elsewhere = named.find((object) => object.kind === kind)
  if (elsewhere) return `there is one in namespace ${elsewhere.namespace}`
  const [other] = named.filter(inReach)
  return other ? `${name} is of kind ${other.kind}` : 'the cluster, or another file, must have it'
}
