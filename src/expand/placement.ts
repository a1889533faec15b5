import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { taskFile, trimmed } from '../api/paths.ts'
import { conflictOf, type Place, placesOf } from '../api/places.ts'
import type { RenderedCredentials } from './credentials.ts'
import type { RenderedContexts } from './rendercontexts.ts'

/** Contexts, and the sessions of a program, that cannot be where they are to be. */
export function misplaced(
  runtime: AgentRuntimeSpec,
  persist: boolean,
  credentials: RenderedCredentials,
  contexts: RenderedContexts,
  sessions: string | undefined,
): Finding[] {
  const places: Place[] = placesOf(runtime, persist)
  if (contexts.blocks.length) places.push({ path: taskFile(runtime), what: 'what the agent is told', kind: 'file' })
  for (const { path } of runtime.templates?.files ?? [])
    places.push({ path: trimmed(path), what: 'a file of the AgentRuntime', kind: 'file' })
  for (const { mountPath, subPath } of credentials.mounts)
    places.push({ path: mountPath, what: 'a credential', kind: subPath === undefined ? 'folder' : 'file' })
  const findings: Finding[] = []
  if (sessions !== undefined) {
    const place: Place = { path: sessions, what: 'where the program keeps its sessions', kind: 'writable' }
    const message = conflictOf(place, places)
    if (message) findings.push({ path: 'spec.retry.resume', message: `takes a place of its own: ${message}` })
    places.push(place)
  }
  for (const { mount, isFolder, of } of contexts.mounts) {
    const place: Place = { path: mount.mountPath, what: 'another context', kind: isFolder ? 'folder' : 'file' }
    const message = conflictOf(place, places)
    if (message) findings.push({ path: placeOf(of.user.path, of.mountPath), message: `${of.user.says}${message}` })
    else places.push(place)
  }
  return findings
}

const placeOf = (path: string, mountPath: string | undefined) =>
  mountPath !== undefined && path.startsWith('spec.contexts') ? `${path}.mountPath` : path
