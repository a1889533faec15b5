import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/*
 * What each room may import. The pure ones have no IO, no clock and no randomness; webhook and controller meet in the
 * API server alone.
 */

const ROOT = join(import.meta.dirname, '..', '..')
const PURE = ['zod', 'cron-parser', 'node:crypto', 'node:buffer', 'node:util']
const ROOMS: { room: string; may: string[]; packages?: string[] }[] = [
  { room: 'src/api', may: ['src/api'], packages: [...PURE, 'yaml'] },
  // of expand no more than how task.md is written
  { room: 'src/dialects', may: ['src/api', 'src/dialects', 'src/expand/taskmd.ts'], packages: PURE },
  { room: 'src/expand', may: ['src/api', 'src/dialects', 'src/expand'], packages: PURE },
  { room: 'src/status', may: ['src/api', 'src/dialects', 'src/expand', 'src/status'], packages: PURE },
  { room: 'src/convert', may: ['src/api', 'src/convert'], packages: PURE },
  { room: 'src/kube', may: ['src/kube'] },
  // of status no more than what has become of a notification
  {
    room: 'src/notify',
    may: ['src/expand', 'src/kube', 'src/signing', 'src/status/notifications.ts', 'src/notify'],
  },
  {
    room: 'src/controller',
    may: [
      ...['src/api', 'src/dialects', 'src/expand', 'src/status'],
      ...['src/kube', 'src/signing', 'src/notify', 'src/references', 'src/controller'],
    ],
  },
  {
    room: 'webhook',
    may: ['src/api', 'src/expand', 'src/status', 'src/kube', 'src/signing', 'src/references', 'certs', 'webhook'],
  },
]

const sources = (room: string) =>
  readdirSync(join(ROOT, room), { recursive: true })
    .map((file) => join(room, String(file)))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testdata'))

const importsOf = (file: string) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    (match) => match[1] as string,
  )

for (const { room, may, packages } of ROOMS)
  test(`${room} imports only what it may`, () => {
    const strangers = sources(room).flatMap((file) =>
      importsOf(file)
        .filter((name) => {
          if (!name.startsWith('.')) return packages !== undefined && !packages.includes(name)
          const target = relative(ROOT, join(ROOT, dirname(file), name))
          return !may.some((allowed) => target === allowed || target.startsWith(`${allowed}/`))
        })
        .map((name) => `${file}: ${name}`),
    )
    expect(strangers).toEqual([])
  })

test('the pure rooms know no clock and no randomness', () => {
  const impure = ['src/api', 'src/dialects', 'src/expand', 'src/status', 'src/convert']
    .flatMap(sources)
    .filter((file) =>
      /Date\.now\(\)|new Date\(\)|Math\.random|randomUUID|randomBytes|process\.env/.test(
        readFileSync(join(ROOT, file), 'utf8'),
      ),
    )
  expect(impure).toEqual([])
})
