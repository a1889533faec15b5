import type { AgentSkillSpec } from '../api/agentskill.ts'
import type { Finding } from '../api/finding.ts'
import { GIT_REF, GIT_URL, hasPassword } from '../api/gitrepository.ts'
import type { Fields } from '../api/isfields.ts'
import { fetchContainer, gitFetch, literal } from './fetch.ts'
import type { Mount } from './files.ts'
import { SKILL_CONTAINER } from './names.ts'
import type { Settings } from './settings.ts'

/** Where skills are mounted, read-only; a program's start copies them to where the program looks. */
const FOLDER = '/opt/agentjob/skills'

/** Skills that are fetched before the agent starts. */
export interface RenderedSkills {
  /** By name, where they are mounted. */
  folders: { name: string; from: string }[]
  initContainers: Fields[]
  volumes: { name: string; [source: string]: unknown }[]
  mounts: Mount[]
  errors: Finding[]
}

/** Fetches skills for a program that looks for them in a folder: https://agentskills.io/specification */
export function renderSkills(skills: readonly { spec: AgentSkillSpec }[], settings: Settings): RenderedSkills {
  const rendered: RenderedSkills = { folders: [], initContainers: [], volumes: [], mounts: [], errors: [] }
  const names = new Set<string>()
  for (const [index, { spec }] of skills.entries()) {
    const wrong = wrongWith(spec, names)
    names.add(spec.name)
    if (wrong) rendered.errors.push({ path: 'spec.skillRefs', message: wrong })
    else addSkill(rendered, spec, `${SKILL_CONTAINER}${index}`, settings)
  }
  return rendered
}

const NAME = /^[A-Za-z0-9][-._A-Za-z0-9]{0,63}$/
const SHORT = /^[A-Za-z0-9][-\w.]*\/[-\w.]+$/

function wrongWith({ repo, name, ref }: AgentSkillSpec, names: Set<string>): string | undefined {
  if (!NAME.test(name))
    return `the skill "${name}" of ${repo} cannot be fetched: its name must be a folder's, of letters, digits, "-", "_" and "."`
  if (hasPassword(repo)) return `the skill ${name} cannot be fetched: its repo must not have a password in it`
  if (!GIT_REF.test(ref)) return `the skill ${name} of ${repo} cannot be fetched: its ref must not begin with "-"`
  if (!SHORT.test(repo) && !GIT_URL.test(repo))
    return `the skill ${name} of ${repo} cannot be fetched: its repo must be OWNER/REPO on github.com, or a URL such as https://git.example.com/skills.git`
  return names.has(name) ? `two skills are called ${name}; a program has each name once` : undefined
}

function addSkill(rendered: RenderedSkills, { repo, name, ref }: AgentSkillSpec, id: string, settings: Settings): void {
  const repository = SHORT.test(repo) ? `https://github.com/${repo}.git` : repo
  const { containers, volumes } = gitFetch(id, { repository, ref }, settings)
  const find = fetchContainer(`${id}-find`, settings.images.git, id, {
    command: ['sh', '-c', FIND, 'find', literal(name)],
  })
  rendered.initContainers.push(...containers, find)
  rendered.volumes.push(...volumes)
  rendered.mounts.push({ name: id, mountPath: `${FOLDER}/${name}`, subPath: 'skill', readOnly: true })
  rendered.folders.push({ name, from: `${FOLDER}/${name}` })
}

/** `$1` the skill's name: a repository has many skills, each in a folder of its name, or is one itself. */
const FIND = `cd /fetched/git/tree
for place in "skills/$1" ".claude/skills/$1" ".agents/skills/$1" "$1" .; do
  if [ -f "$place/SKILL.md" ]; then
    ln -sfn "git/tree/$place" /fetched/skill
    exit 0
  fi
done
echo "there is no skill $1 in the repository: neither skills/$1/SKILL.md nor $1/SKILL.md nor SKILL.md" >&2
exit 1`
