import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, ROOT } from '../docs/markdown.ts'

/*
 * What the operator writes into its log: names, numbers and words of ours. Errors go through the one serializer that
 * takes out what they quote, and no object goes in as a whole.
 */

const FIELDS = [
  // whose, and which
  ...[
    'namespace',
    'name',
    'revision',
    'job',
    'pod',
    'kind',
    'resource',
    'uid',
    'operation',
    'secret',
    'lease',
    'identity',
  ],
  // how, in a word or a number of ours
  ...[
    'phase',
    'reason',
    'result',
    'code',
    'dryRun',
    'seconds',
    'count',
    'objects',
    'missed',
    'webhooks',
    'type',
    'logLevel',
    'epoch',
  ],
  // one that the settings of the operator name, and names in them
  ...['host', 'settings'],
  ...['signal', 'port', 'healthPort', 'notAfter', 'file'],
  // through the serializer
  'err',
]
/** Objects that are spread into a line, each of fields of the list. */
const SPREADS = ['fields', 'ports', 'this.#o.about(key)', 'identityOf(job)', 'identity']

const CALL = /\b[lL]og(?:\.(?:debug|info|warn|error)|\[[^\]]+\])\(\s*(\{[^{}]*\}|\w+)/g

async function calls(): Promise<{ file: string; given: string }[]> {
  const files = (await Promise.all(['src', 'webhook', 'certs'].map((folder) => filesBelow(join(ROOT, folder))))).flat()
  return files
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|testdata|src\/cli\/(?!serve)/.test(file))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(CALL)].map(([, given]) => ({ file, given: given as string })),
    )
}

/** What is not known of a call's fields. */
function strange(given: string): string[] {
  const inner = given.startsWith('{') ? given.slice(1, -1) : `...${given}`
  return inner
    .split(/,(?![^(]*\))/)
    .map((field) => field.trim())
    .filter((field) => field !== '')
    .filter((field) => {
      if (field.startsWith('...')) return !SPREADS.includes(field.slice(3))
      return !FIELDS.includes(/^\w+/.exec(field)?.[0] ?? '')
    })
}

test('log lines hold nothing but fields that are known to hold no text of a user’s', async () => {
  const found = await calls()
  expect(found.length).toBeGreaterThan(20)
  expect(found.flatMap(({ file, given }) => strange(given).map((field) => `${file}: ${field}`))).toEqual([])
})

test('others are found', () => {
  expect(strange('{ err, note, name: regarding.metadata.name }')).toEqual(['note'])
  expect(strange('{ namespace, prompt: job.spec.prompt }')).toEqual(['prompt: job.spec.prompt'])
  expect(strange('job')).toEqual(['...job'])
})
