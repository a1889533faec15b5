import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { taskFile, trimmed } from '../api/paths.ts'
import { conflictOf, type Place, placesOf, TOLD } from '../api/places.ts'
import type { RenderedCredentials } from './credentials.ts'
import type { RenderedContexts } from './rendercontexts.ts'

/** Contexts, the sessions of a program, the output of a precheck, and the CAs of the settings, that cannot be where they are to be. */
export function misplaced(
  runtime: AgentRuntimeSpec,
  persist: boolean,
  credentials: RenderedCredentials,
  contexts: RenderedContexts,
  { sessions, precheck, ca }: { sessions?: string; precheck?: string; ca?: string },
): Finding[] {
  const places: Place[] = placesOf(runtime, persist)
  if (contexts.blocks.length) places.push({ path: taskFile(runtime), what: TOLD, kind: 'file' })
  for (const { path } of runtime.templates?.files ?? [])
    places.push({ path: trimmed(path), what: 'a file of the AgentRuntime', kind: 'file' })
  for (const { mountPath, subPath } of credentials.mounts)
    places.push({ path: mountPath, what: 'a credential', kind: subPath === undefined ? 'folder' : 'file' })
  const findings: Finding[] = []
  const take = (path: string, place: Place, others = places) => {
    const message = conflictOf(place, others)
    if (message) findings.push({ path, message: `takes a place of its own: ${message}` })
    places.push(place)
  }
  if (ca !== undefined) {
    const place: Place = { path: ca, what: "the CA bundle of the operator's settings", kind: 'folder' }
    const message = conflictOf(place, places)
    if (message)
      findings.push({
        path: 'spec.runtimeRef',
        message: `the AgentRuntime leaves no place for the CA bundle of the operator's settings: ${message.replace(ANOTHER, 'have what is there mounted elsewhere')}`,
      })
    places.push(place)
  }
  if (sessions !== undefined)
    take('spec.retry.resume', { path: sessions, what: 'where the program keeps its sessions', kind: 'writable' })
  if (precheck !== undefined) {
    // in a folder that is closed to everybody else
    const others = places.filter(({ what, kind }) => what !== TOLD || kind !== 'folder')
    take('spec.precheck', { path: precheck, what: "where the precheck's output is", kind: 'folder' }, others)
  }
  for (const { mount, isFolder, of } of contexts.mounts) {
    const place: Place = { path: mount.mountPath, what: 'another context', kind: isFolder ? 'folder' : 'file' }
    const message = conflictOf(place, places)
    if (message) findings.push({ path: placeOf(of.user.path, of.mountPath), message: `${of.user.says}${message}` })
    else places.push(place)
  }
  return findings
}

const ANOTHER = /use another path$/

const placeOf = (path: string, mountPath: string | undefined) =>
  mountPath !== undefined && path.startsWith('spec.contexts') ? `${path}.mountPath` : path
