import { expect, test } from 'bun:test'
import type { Expansion } from '../api/expansion.ts'
import { expand } from './expand.ts'
import { inputFor, type Objects } from './fixtures.ts'
import { Settings } from './settings.ts'
import { settingsHash } from './settingshash.ts'

const hashOf = (settings: object) => settingsHash(Settings.parse(settings))
const BUNDLE = { configMap: 'a' }
const PROXY = { https: 'http://proxy:3128', noProxy: ['.svc', '10.0.0.0/8'] }
const IMAGES = { git: 'mirror.example/git-sync:1', url: 'mirror.example/curl:1' }
const { images: DEFAULTS } = Settings.parse({})

const hashes: { name: string; one: object; other: object; same: boolean }[] = [
  {
    name: 'the order of resources',
    one: { pods: { resources: { limits: { cpu: 1, memory: 2 } } } },
    other: { pods: { resources: { limits: { memory: 2, cpu: 1 } } } },
    same: true,
  },
  {
    name: 'another key',
    one: { pods: { caBundle: BUNDLE } },
    other: { pods: { caBundle: { ...BUNDLE, key: 'b' } } },
    same: false,
  },
  { name: 'a key without a bundle', one: {}, other: { pods: { caBundle: { key: 'b' } } }, same: true },
  { name: 'an exception without a proxy', one: {}, other: { pods: { proxy: { noProxy: ['.svc'] } } }, same: true },
  {
    name: 'one more exception',
    one: { pods: { proxy: PROXY } },
    other: { pods: { proxy: { ...PROXY, noProxy: [] } } },
    same: false,
  },
  { name: 'resources', one: {}, other: { pods: { resources: { limits: { cpu: 1 } } } }, same: false },
  { name: 'an image', one: {}, other: { images: { git: IMAGES.git } }, same: false },
  { name: 'which image', one: { images: { git: IMAGES.url } }, other: { images: { url: IMAGES.url } }, same: false },
  { name: 'another image', one: { images: { url: IMAGES.git } }, other: { images: { url: IMAGES.url } }, same: false },
  {
    name: 'an image beside what pods get',
    one: { pods: { proxy: PROXY } },
    other: { pods: { proxy: PROXY }, images: IMAGES },
    same: false,
  },
  {
    name: 'default images beside what pods get',
    one: { pods: { proxy: PROXY } },
    other: { pods: { proxy: PROXY }, images: DEFAULTS },
    same: true,
  },
  {
    name: 'what is told by other signs, or stands in no expansion',
    one: {},
    other: {
      ...{ egress: { enabled: true }, libraryNamespace: 'library', clusterAccess: false, missingReferences: 'Deny' },
      ...{ notify: { hosts: ['hooks.example.com'] }, logLevel: 'debug' },
    },
    same: true,
  },
]
test.each(hashes)('the hash tells what stands in pods: $name', ({ one, other, same }) =>
  expect(hashOf(one) === hashOf(other)).toBe(same),
)

test('it tells of nothing where all are the defaults, as the chart spells them out', () => {
  expect(hashOf({})).toBeUndefined()
  expect(hashOf({ images: DEFAULTS })).toBeUndefined()
})

// a version from before images were in it has written these: the others are none of its concern
test('of what pods get alone it is what it has always been', () =>
  expect(hashOf({ pods: { proxy: { https: 'http://proxy:3128' } } })).toBe('3e371ae3f0d3f8d5'))

const GIT = { type: 'Git', git: { repository: 'https://git.example/docs.git' }, mountPath: '/docs' }

/** A touch under these settings of what was expanded under others. */
const touched = (spec: object, settings: object, previous?: Expansion, objects: Objects = {}) =>
  expand(
    inputFor(spec, objects, {
      settings: Settings.parse(settings),
      ...(previous ? { previous, specChanged: false } : {}),
    }),
  ).expansion

const changes: { name: string; settings: object; shows: string }[] = [
  { name: 'a proxy', settings: { pods: { proxy: PROXY } }, shows: 'HTTPS_PROXY' },
  { name: 'an image', settings: { images: IMAGES }, shows: IMAGES.git },
]
for (const { name, settings, shows } of changes)
  for (const schedule of [undefined, '@daily'])
    test(`${name}: a touch renders ${schedule ? 'a schedule' : 'a run'} anew, and runs nothing again`, () => {
      const spec = { contexts: [GIT], ...(schedule ? { schedule } : {}) }
      const before = touched(spec, {})
      const after = touched(spec, settings, before)
      const { settingsHash: one, resources: children, ...same } = after
      const { resources: _, ...was } = before
      expect(same).toEqual(was)
      expect(one).toMatch(/^[0-9a-f]{16}$/)
      expect(JSON.stringify(children)).toContain(shows)
      expect(touched(spec, settings, after)).toEqual(after)
      expect(touched(spec, {}, after)).toEqual(before)
    })

test('what was rendered before something came in the way is told by the settings of then', () => {
  const before = touched({}, { pods: { proxy: PROXY }, images: IMAGES })
  const { problems, settingsHash: kept } = touched({}, {}, before, { 'AgentRuntime/echo': undefined })
  expect([problems[0]?.reason, kept]).toEqual(['ReferenceNotFound', before.settingsHash])
})
