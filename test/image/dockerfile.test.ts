import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FILES, NAME, START } from './contents.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'Dockerfile'), 'utf8')
/** The instructions of the last stage: what becomes the image. */
const image = text
  .slice(text.lastIndexOf('\nFROM '))
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    return { instruction, rest }
  })
const all = (name: string) => image.filter(({ instruction }) => instruction === name).map(({ rest }) => rest)

test('the Dockerfile copies the files that are packed without an engine, and no others', () =>
  expect(all('COPY')).toEqual(FILES.map(({ path }) => `--from=build /image/${path} /${path}`)))

test('its container starts as the packed one does', () =>
  expect({
    entrypoint: all('ENTRYPOINT').map((words) => JSON.parse(words)),
    command: all('CMD').map((words) => JSON.parse(words)),
    env: all('ENV'),
    user: all('USER'),
  }).toEqual({ entrypoint: [START.entrypoint], command: [START.command], env: START.env, user: [START.user] }))

test('nothing else happens in its last stage: what runs there, nobody here has packed', () =>
  expect([...new Set(image.map(({ instruction }) => instruction))]).toEqual([
    ...['FROM', 'COPY', 'ENV', 'USER', 'WORKDIR', 'ENTRYPOINT', 'CMD'],
  ]))

test('it names the image of this version', () => expect(text).toContain(` ${NAME} `))
