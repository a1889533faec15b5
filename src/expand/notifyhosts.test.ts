import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { expand } from './expand.ts'
import { inputFor } from './fixtures.ts'
import { allowanceOf, hostRefusal } from './notifyhosts.ts'
import { Settings } from './settings.ts'

const settingsOf = (notify: object) => Settings.parse({ notify })

describe('who may be notified', () => {
  const cases: { hosts?: string[]; privateHosts?: string[]; yes?: string[]; no?: string[] }[] = [
    { hosts: [], no: ['https://hooks.example.com/'] },
    {
      hosts: ['hooks.example.com'],
      yes: ['https://hooks.example.com', 'https://HOOKS.example.com:443/a?b'],
      no: [
        'https://hooks.example.com:8443/',
        'http://hooks.example.com/',
        'http://hooks.example.com:443/',
        'https://a.hooks.example.com/',
        'https://hooks.example.com.evil.test/',
        'https://evilhooks.example.com/',
        'https://example.com/hooks.example.com',
        'https://hooks.example.com@evil.test/',
        'https://evil.test/?hooks.example.com',
        'not a url',
      ],
    },
    {
      hosts: ['hooks.example.com:8443'],
      yes: ['https://hooks.example.com:8443/'],
      no: ['https://hooks.example.com/', 'http://hooks.example.com:8443/'],
    },
    {
      hosts: ['*.example.com'],
      yes: ['https://a.example.com/', 'https://a.b.example.com/'],
      no: [
        'https://example.com/',
        'https://aexample.com/',
        'https://a.example.com.evil.test/',
        'http://a.example.com/',
      ],
    },
    { hosts: ['*.example.com:8443'], yes: ['https://a.example.com:8443/'], no: ['https://a.example.com/'] },
    {
      hosts: ['http://hooks.example.com', 'http://other.example.com:8080'],
      yes: ['http://hooks.example.com/', 'http://other.example.com:8080/'],
      no: ['https://hooks.example.com/', 'http://hooks.example.com:8080/', 'http://other.example.com/'],
    },
    { hosts: ['[2001:db8::7]'], yes: ['https://[2001:db8:0::7]/'], no: ['https://[2001:db8::8]/'] },
    { privateHosts: ['10.0.0.7:8443'], yes: ['https://10.0.0.7:8443/'], no: ['https://10.0.0.7/'] },
  ]
  for (const { hosts = [], privateHosts = [], yes = [], no = [] } of cases) {
    const allows = (url: string) => allowanceOf(url, { hosts, privateHosts }) !== undefined
    test.each(yes)(`${[...hosts, ...privateHosts]}: %s`, (url) => expect(allows(url)).toBe(true))
    test.each(no)(`${[...hosts, ...privateHosts]}: not %s`, (url) => expect(allows(url)).toBe(false))
  }

  test('at an address of a private network only who is listed for it, also where a wider entry names him', () => {
    const notify = { hosts: ['*.example.com'], privateHosts: ['a.example.com'] }
    expect(allowanceOf('https://a.example.com/', notify)).toEqual({ isPrivate: true })
    expect(allowanceOf('https://b.example.com/', notify)).toEqual({ isPrivate: false })
  })
})

describe('entries of the settings', () => {
  const right = ['a', 'a.b:1', '*.a', '*.a.b:8443', 'http://a', 'http://a:8080', '[::1]:80', '192.0.2.7']
  const wrong = ['', '*', '*.', 'A.b', 'https://a', 'http://*.a', 'a/b', 'a:99999', 'a b', 'u@a', '*a.b', 'a.*', 'a.']
  const isTaken = (field: string, entry: string) => Settings.safeParse({ notify: { [field]: [entry] } }).success
  test.each(right)('%s', (entry) => expect(isTaken('hosts', entry)).toBe(true))
  test.each(wrong)('not %p', (entry) => {
    expect(isTaken('hosts', entry)).toBe(false)
    expect(isTaken('privateHosts', entry)).toBe(false)
  })
  test('no private host by the end of its name', () => {
    for (const entry of right) expect(isTaken('privateHosts', entry)).toBe(!entry.startsWith('*'))
  })
})

describe('what admission says', () => {
  const url = 'https://hooks.example.com:8443/a'
  const errorsOf = (notify: object | undefined, more: object = {}) =>
    expand(
      inputFor(
        { notify: { url } },
        {},
        { settings: { ...Settings.parse({}), ...{ notify: notify as never } }, ...more },
      ),
    ).errors.map(formatFinding)

  test('nothing of a host that may be notified', () =>
    expect(errorsOf(settingsOf({ hosts: ['hooks.example.com:8443'] }).notify)).toEqual([]))

  test('of another one, what would be right', () => {
    expect(errorsOf(settingsOf({ hosts: ['hooks.example.com'] }).notify)).toEqual([
      'spec.notify.url: notifications to https://hooks.example.com:8443 are not allowed; have "hooks.example.com:8443" added to notify.hosts of the operator\'s settings, or to notify.privateHosts where it is in a private network, or take another URL',
    ])
    expect(hostRefusal('http://a.test/', settingsOf({ hosts: ['a.test'] }))).toContain('have "http://a.test" added')
  })

  test('where there are none at all, that', () =>
    expect(errorsOf(Settings.parse({}).notify)).toEqual([
      "spec.notify.url: this operator sends no notifications: notify.hosts and notify.privateHosts of its settings name no host; leave notify out, or have the host's name added there",
    ]))

  test('nothing where nobody knows the settings', () => expect(errorsOf(undefined)).toEqual([]))

  test('a change of other things goes on, whatever is allowed by now', () => {
    expect(errorsOf(Settings.parse({}).notify, { storedUrl: url })).toEqual([])
    expect(errorsOf(Settings.parse({}).notify, { storedUrl: `${url}/other` })).toHaveLength(1)
  })

  test('a touch is never refused for it, and what is there runs on', () => {
    const settings = Settings.parse({})
    const [input, { expansion }] = [inputFor({ notify: { url } }), expand(inputFor({}))]
    const touched = expand({ ...input, settings, specChanged: false, previous: expansion })
    expect([touched.errors, touched.expansion.problems]).toEqual([[], []])
    expect(touched.expansion.resources).toEqual(expansion.resources)
    expect(touched.expansion.revision).toBe(expansion.revision)
  })
})
