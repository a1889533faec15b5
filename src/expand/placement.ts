import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { trimmed } from '../api/paths.ts'
import { takenPlaces } from '../api/runtimerules.ts'
import type { RenderedCredentials } from './credentials.ts'
import type { RenderedContexts } from './rendercontexts.ts'

/** Contexts that cannot be where they are to be: no two things can be in one place, and nothing in a read-only folder. */
export function misplaced(
  runtime: AgentRuntimeSpec,
  credentials: RenderedCredentials,
  contexts: RenderedContexts,
): Finding[] {
  const taken = takenPlaces(runtime)
  if (contexts.blocks.length) taken.set(`${trimmed(runtime.workspaceDir)}/task.md`, 'what the agent is told')
  const folders = new Set<string>()
  for (const { mountPath, subPath } of credentials.mounts) {
    taken.set(mountPath, 'a credential')
    if (subPath === undefined) folders.add(mountPath)
  }
  const findings: Finding[] = []
  for (const { mount, isFolder, of } of contexts.mounts) {
    const { mountPath } = mount
    const say = (message: string) =>
      findings.push({ path: placeOf(of.user.path, of.mountPath), message: `${of.user.says}${message}` })
    const other = taken.get(mountPath)
    const folder = [...folders].find((path) => mountPath.startsWith(`${path}/`))
    const inside = isFolder && [...taken.keys()].find((path) => path.startsWith(`${mountPath}/`))
    if (other) say(`${mountPath} is ${other} already; use another mountPath`)
    else if (folder) say(`${mountPath} is inside of ${folder}, which is read-only; use another mountPath`)
    else if (inside) say(`${inside} is inside of ${mountPath}, which is read-only; use another mountPath`)
    else taken.set(mountPath, 'another context')
    if (isFolder) folders.add(mountPath)
  }
  return findings
}

const placeOf = (path: string, mountPath: string | undefined) =>
  mountPath !== undefined && path.startsWith('spec.contexts') ? `${path}.mountPath` : path
