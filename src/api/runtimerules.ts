import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { configFile, HOME, PATHS, TMP, taskFile, trimmed } from './paths.ts'
import { reservedKey } from './podmetadata.ts'
import { templateRules } from './templates.ts'

/** The rules of an AgentRuntime that no schema can say; the spec may be of any shape. */
export const runtimeRules = (spec: Fields): Finding[] => [
  ...metadataRules(spec),
  ...mountRules(spec),
  ...templateRules(spec),
]

function metadataRules(spec: Fields): Finding[] {
  return ['podLabels', 'podAnnotations'].flatMap((field): Finding[] => {
    const entries = spec[field]
    if (!isFields(entries)) return []
    return Object.keys(entries).flatMap((key): Finding[] => {
      const message = reservedKey(key)
      return message === undefined ? [] : [{ path: fieldPath(['spec', field, key]), message }]
    })
  })
}

/** No two things can be mounted in one place. */
function mountRules(spec: Fields): Finding[] {
  const pathOf = (field: keyof typeof PATHS) => trimmed(typeof spec[field] === 'string' ? spec[field] : PATHS[field])
  const [workspaceDir, configPath] = [pathOf('workspaceDir'), pathOf('configPath')]
  const taken = new Map([
    [TMP, 'the folder for temporary files'],
    [HOME, 'the home'],
    [workspaceDir, 'spec.workspaceDir'],
    [pathOf('persistPath'), 'spec.persistPath'],
    [spec.dialect === 'task-md' ? taskFile({ workspaceDir }) : configFile({ configPath }), 'what the agent is told'],
  ])
  const findings: Finding[] = []
  for (const [field, list] of Object.entries(mountsOf(spec)))
    for (const [index, given] of list) {
      const path = fieldPath(['spec', ...field.split('.'), index, MOUNTS[field] as string])
      const mountPath = trimmed(given)
      const other = taken.get(mountPath) ?? (isIn(configPath, mountPath, spec.dialect) ? FOLDER : undefined)
      if (other) findings.push({ path, message: `is taken; ${mountPath} is ${other} already` })
      else taken.set(mountPath, path)
    }
  return findings
}

const FOLDER = 'in spec.configPath, which the files of the dialect have for themselves'

/** Whether a path is in the folder that belongs to the files of a program's dialect. */
const isIn = (folder: string, path: string, dialect: unknown) =>
  typeof dialect === 'string' &&
  !['agent-json', 'custom', 'task-md'].includes(dialect) &&
  (path === folder || path.startsWith(`${folder}/`))

/** Fields with things to mount, and the member of each that says where. */
const MOUNTS: Record<string, string> = { credentials: 'mountPath', 'templates.files': 'path' }

/** The paths at which a runtime mounts something, with their indexes. */
const mountsOf = (spec: Fields): Record<string, [number, string][]> =>
  Object.fromEntries(
    Object.entries(MOUNTS).map(([field, member]) => {
      const list = field.split('.').reduce<unknown>((at, key) => (isFields(at) ? at[key] : undefined), spec)
      const paths = (Array.isArray(list) ? list : []).map((item) => (isFields(item) ? item[member] : undefined))
      return [field, [...paths.entries()].filter((entry): entry is [number, string] => typeof entry[1] === 'string')]
    }),
  )
