import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../api/isfields.ts'
import { lastOf, ofKubeTask, specOf, told } from '../fixtures.ts'

const repository = 'https://git.example.com/a'
const INPUT = [
  ofKubeTask('Agent', { agentImage: 'a', workspaceDir: '/srv/w/', command: ['a'] }, { metadata: { name: 'default' } }),
  ofKubeTask('Context', { type: 'Git', git: { repository } }, { metadata: { name: 'repo' } }),
  ofKubeTask('Context', { type: 'Text', text: 'a' }, { metadata: { name: 'text' } }),
  ofKubeTask('Context', { type: 'Runtime' }, { metadata: { name: 'runtime' } }),
]

const inline = (content: string) => ({ type: 'Inline', inline: { content } })
const git = { type: 'Git', git: { repository } }

/** Entries of `contexts` of a Task, and what becomes of them. */
const entries: { name: string; given: unknown; want?: Fields; said?: string[] }[] = [
  { name: 'a name', given: { name: 'text' }, want: { name: 'text' } },
  {
    name: 'a name and a place',
    given: { name: 'text', namespace: 'default', mountPath: '/a' },
    want: { name: 'text', mountPath: '/a' },
    said: ['note: .mountPath'],
  },
  {
    name: 'another namespace',
    given: { name: 'text', namespace: 'else', mountPath: '/a' },
    want: { name: 'text', mountPath: '/a' },
    said: ['dropped: .namespace', 'note: .mountPath'],
  },
  { name: 'a name of none in the input', given: { name: 'gone' }, want: { name: 'gone' }, said: ['note: .name'] },
  {
    name: 'a name of a repository',
    given: { name: 'repo', fileMode: 0o444 },
    want: { name: 'repo', mountPath: '/srv/w/git-repo', fileMode: 0o444 },
    said: ['note: '],
  },
  { name: 'a name of what has no counterpart', given: { name: 'runtime' }, said: ['dropped: '] },
  {
    name: 'ref',
    given: { ref: { name: 'text', mountPath: 'a.md', fileMode: 0o400 } },
    want: { name: 'text', mountPath: '/srv/w/a.md', fileMode: 0o400 },
    said: ['note: .ref.mountPath', 'note: .ref.mountPath'],
  },
  { name: 'inline', given: { inline: { type: 'Text', text: 'a' } }, want: inline('a') },
  { name: 'flat', given: { type: 'Text', text: 'a' }, want: inline('a') },
  { name: 'an empty text', given: { type: 'Text', text: '' }, want: inline('') },
  {
    name: 'flat, with a name and a description',
    given: { type: 'Text', text: 'a', name: 'b', description: 'c' },
    want: inline('a'),
    said: ['dropped: .name', 'dropped: .description'],
  },
  {
    name: 'a mode without a place',
    given: { type: 'Text', text: 'a', fileMode: 0o400 },
    want: inline('a'),
    said: ['dropped: .fileMode'],
  },
  {
    name: 'a ConfigMap',
    given: { type: 'ConfigMap', configMap: { name: 'c', key: 'k', optional: true } },
    want: { type: 'ConfigMap', configMap: { name: 'c', key: 'k', optional: true } },
    said: ['note: .configMap.name'],
  },
  {
    name: 'a member of another type',
    given: { type: 'Text', text: 'a', configMap: { name: 'c' } },
    want: inline('a'),
    said: ['dropped: .configMap.name'],
  },
  {
    name: 'a repository without a place',
    given: git,
    want: { ...git, mountPath: '/srv/w/git-context' },
    said: ['note: '],
  },
  {
    name: 'a repository with everything',
    given: {
      type: 'Git',
      git: { repository, path: '/docs/', ref: 'v1', depth: 3, secretRef: { name: 's' }, sync: { enabled: true } },
      mountPath: './r',
    },
    want: {
      type: 'Git',
      git: { repository, path: 'docs', ref: 'v1', depth: 3, secretRef: { name: 's' } },
      mountPath: '/srv/w/r',
    },
    said: [
      'note: .git.path',
      'note: .git.secretRef.name',
      'dropped: .git.sync',
      'note: .mountPath',
      'note: .mountPath',
    ],
  },
  {
    name: 'no depth, which is one',
    given: { type: 'Git', git: { repository, depth: 0, path: './' }, mountPath: '/r' },
    want: { ...git, mountPath: '/r' },
    said: ['note: .git.depth', 'note: .git.path', 'note: .mountPath'],
  },
  {
    name: 'a URL',
    given: { type: 'URL', url: { source: 'https://example.com/a', timeout: 3 }, mountPath: '/u' },
    want: { type: 'Url', url: { url: 'https://example.com/a' }, mountPath: '/u' },
    said: ['dropped: .url.timeout', 'note: .mountPath'],
  },
  { name: 'KubeTask about itself', given: { type: 'Runtime', runtime: {} }, said: ['dropped: '] },
  { name: 'nothing', given: {}, said: ['dropped: '] },
  { name: 'no object', given: 'text', said: ['dropped: '] },
]

describe('contexts of a Task', () => {
  for (const { name, given, want, said = [] } of entries)
    test(name, () => {
      const conversion = lastOf(...INPUT, ofKubeTask('Task', { description: 'Go.', contexts: [given] }))
      const { contexts } = specOf(conversion) as { contexts?: unknown }
      expect(contexts).toEqual(want && [want])
      const paths = told(conversion, 'note', 'dropped').filter((word) => word.includes('contexts[0]'))
      expect(paths).toEqual(said.map((word) => word.replace(/: /, ': spec.contexts[0]')))
    })

  test('a type that nobody knows, or the member of which is missing, is an error', () => {
    for (const given of [
      { type: 'Sound' },
      { type: 'Git' },
      { type: 'URL', url: { source: 'https://example.com/a' } },
    ]) {
      const conversion = lastOf(ofKubeTask('Task', { description: 'Go.', contexts: [given] }))
      expect(conversion.objects).toEqual([])
      expect(told(conversion, 'error')[0]).toStartWith('error: spec.contexts[0]')
    }
  })

  test('a relative path without its Agent is below a folder that is assumed', () => {
    const contexts = [{ type: 'Text', text: 'a', mountPath: 'a.md' }]
    const conversion = lastOf(ofKubeTask('Task', { description: 'Go.', contexts }))
    expect(specOf(conversion)).toMatchObject({ contexts: [{ mountPath: '/workspace/a.md' }] })
    expect(conversion.notes.map(({ message }) => message).join()).toContain('is assumed')
  })
})

describe('Context', () => {
  const cases: { name: string; given: Fields; want?: Fields; said?: string[] }[] = [
    { name: 'Inline', given: { type: 'Inline', inline: { content: 'a' } }, want: inline('a') },
    { name: 'Text', given: { type: 'Text', text: 'a' }, want: inline('a') },
    { name: 'Git', given: git, want: git },
    {
      name: 'ConfigMap',
      given: { type: 'ConfigMap', configMap: { name: 'c' } },
      want: { type: 'ConfigMap', configMap: { name: 'c' } },
    },
    { name: 'Ref', given: { type: 'Ref' }, said: ['dropped: spec'] },
    { name: 'Runtime', given: { type: 'Runtime', runtime: {} }, said: ['dropped: spec'] },
    { name: 'another one', given: { type: 'Sound', text: 'a' }, said: ['error: spec'] },
  ]
  for (const { name, given, want, said = [] } of cases)
    test(name, () => {
      const conversion = lastOf(ofKubeTask('Context', given, { status: { observedGeneration: 1 } }))
      expect(specOf(conversion)).toEqual(want as Fields)
      expect(told(conversion, 'dropped', 'error')).toEqual(said)
    })
})
