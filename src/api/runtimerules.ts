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
  for (const [path, given] of mountsOf(spec)) {
    const mountPath = trimmed(given)
    const other = taken.get(mountPath)
    if (other) findings.push({ path, message: `is taken; ${mountPath} is ${other} already` })
    else if (isIn(configPath, mountPath, spec.dialect))
      findings.push({ path, message: `is taken; ${configPath} belongs to the files of the dialect` })
    else taken.set(mountPath, path)
  }
  return findings
}

const PROGRAMS: unknown[] = ['claude-code', 'codex', 'gemini', 'goose', 'opencode']

/** Whether a path is in the folder that belongs to the files of a program's dialect. */
const isIn = (folder: string, path: string, dialect: unknown) =>
  PROGRAMS.includes(dialect) && folder !== '' && (path === folder || path.startsWith(`${folder}/`))

/** The paths at which a runtime mounts something, each with the path of its field. */
function mountsOf({ credentials, templates }: Fields): [string, string][] {
  const within = (list: unknown, field: PropertyKey[], member: string) =>
    (Array.isArray(list) ? list : []).flatMap((item, index): [string, string][] => {
      const path = isFields(item) ? item[member] : undefined
      return typeof path === 'string' ? [[fieldPath([...field, index, member]), path]] : []
    })
  return [
    ...within(credentials, ['spec', 'credentials'], 'mountPath'),
    ...within(isFields(templates) ? templates.files : undefined, ['spec', 'templates', 'files'], 'path'),
  ]
}
