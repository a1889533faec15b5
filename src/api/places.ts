import type { Fields } from './isfields.ts'
import { configFile, HOME, PATHS, TMP, taskFile, trimmed } from './paths.ts'

/** Something in the container of an agent. */
export interface Place {
  path: string
  /** As a message calls it: `spec.credentials[0]`, `the home`. */
  what: string
  /** Whether anything can be put into it: only into what is writable. Left out where that is not known yet. */
  kind?: 'file' | 'folder' | 'writable'
}

/** What Kubernetes and the container runtime put there. */
const OF_THE_SYSTEM = [
  ...['/proc', '/sys', '/dev'],
  ...['/var/run/secrets/kubernetes.io', '/run/secrets/kubernetes.io'],
]

/** As a message calls the files that are ours. */
export const TOLD = 'what the agent is told'

/** The places that are something already, whatever the credentials and contexts of an agent. */
export function placesOf(runtime: Fields, persist = true): Place[] {
  const pathOf = (field: keyof typeof PATHS) =>
    trimmed(typeof runtime[field] === 'string' ? runtime[field] : PATHS[field])
  return [
    { path: TMP, what: 'the folder for temporary files', kind: 'writable' },
    { path: HOME, what: 'the home', kind: 'writable' },
    { path: pathOf('workspaceDir'), what: 'spec.workspaceDir', kind: 'writable' },
    ...(persist ? [{ path: pathOf('persistPath'), what: 'spec.persistPath', kind: 'writable' } as const] : []),
    { ...toldAt(runtime.dialect, pathOf('configPath'), pathOf('workspaceDir')), what: TOLD },
  ]
}

/** A program's dialect has a folder for its files; the others have one file. */
const PROGRAMS: unknown[] = ['claude-code', 'codex', 'gemini', 'goose', 'opencode']

function toldAt(dialect: unknown, configPath: string, workspaceDir: string): Pick<Place, 'path' | 'kind'> {
  if (PROGRAMS.includes(dialect)) return { path: configPath, kind: 'folder' }
  const path = dialect === 'task-md' ? taskFile({ workspaceDir }) : configFile({ configPath })
  return { path, kind: 'file' }
}

/** Why something cannot be in its place among these, or undefined. */
export function conflictOf(place: Place, others: readonly Place[]): string | undefined {
  const { path, kind } = place
  if (OF_THE_SYSTEM.some((other) => isIn(path, other) || path === other))
    return `${path} belongs to the system; use another path`
  const same = others.find((other) => other.path === path)
  if (same) return `${path} is ${same.what} already; use another path`
  const around = others.find((other) => isClosed(other.kind) && isIn(path, other.path))
  if (around) return `${path} is inside of ${around.path}, which is ${IS[around.kind as 'file']}; use another path`
  const inside = isClosed(kind) ? others.find((other) => isIn(other.path, path)) : undefined
  if (inside) return `${inside.path} is inside of ${path}, which is ${IS[kind as 'file']}; use another path`
  return undefined
}

const IS = { file: 'a file', folder: 'read-only' }
const isIn = (path: string, folder: string) => path.startsWith(`${folder}/`)
const isClosed = (kind: Place['kind']) => kind === 'file' || kind === 'folder'
