import { expect, test } from 'bun:test'
import { task } from './fixtures.ts'
import { instructionsOf } from './instructions.ts'
import type { Task } from './task.ts'

const REPOSITORY = { name: 'site', host: 'github.com', owner: 'acme', repo: 'site' }
const cases: { name: string; given: Partial<Task>; want?: string }[] = [
  { name: 'neither', given: {} },
  { name: 'nothing that is said', given: { instructions: '' } },
  { name: 'instructions', given: { instructions: 'Be brief.\n' }, want: 'Be brief.\n' },
  {
    name: 'both',
    given: {
      instructions: 'Be brief.',
      repositories: [REPOSITORY, { ...REPOSITORY, host: 'git.example.com', tokenEnv: 'T' }],
    },
    want: 'Be brief.\n\nRepositories:\n- acme/site on github.com\n- acme/site on git.example.com, token in the environment variable T',
  },
]

for (const { name, given, want } of cases)
  test(`instructionsOf: ${name}`, () => expect(instructionsOf(task(given))).toBe(want as string))
