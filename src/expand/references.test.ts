import { describe, expect, test } from 'bun:test'
import { agentJob, type Objects, resolvedFor, WITH_LIBRARY } from './fixtures.ts'
import { looksElsewhere, lookupNamespaces, referencesOf } from './references.ts'
import { Settings } from './settings.ts'

const skill = (name: string) => ({ repo: 'a/b', name })

describe('referencesOf', () => {
  test('names every reference with its field', () => {
    const { spec } = agentJob({
      authRef: 'a',
      roleRef: 'r',
      skillRef: 's',
      skillRefs: ['s', 't'],
      mcpServerRefs: ['m'],
      repositoryRefs: ['x', 'y'],
      clusterAccessRef: 'c',
    })
    expect(referencesOf(spec).map(({ kind, name, path }) => `${path} ${kind}/${name}`)).toEqual([
      'spec.runtimeRef AgentRuntime/echo',
      'spec.authRef AgentAuth/a',
      'spec.roleRef AgentRole/r',
      'spec.skillRef AgentSkill/s',
      'spec.skillRefs[0] AgentSkill/s',
      'spec.skillRefs[1] AgentSkill/t',
      'spec.mcpServerRefs[0] McpServer/m',
      'spec.repositoryRefs[0] Repository/x',
      'spec.repositoryRefs[1] Repository/y',
      'spec.clusterAccessRef ClusterAccess/c',
    ])
  })
})

describe('lookupNamespaces', () => {
  const cases: { name: string; library?: string; want: string[] }[] = [
    { name: 'no library', want: ['agents'] },
    { name: 'a library', library: 'library', want: ['agents', 'library'] },
    { name: 'in the library itself', library: 'agents', want: ['agents'] },
  ]
  for (const { name, library, want } of cases)
    test(name, () => expect(lookupNamespaces('agents', Settings.parse({ libraryNamespace: library }))).toEqual(want))
})

describe('resolve', () => {
  test('finds every kind', () => {
    const { missing, ...found } = resolvedFor(
      { authRef: 'a', roleRef: 'r', skillRef: 's', mcpServerRefs: ['m'], repositoryRefs: ['x'], clusterAccessRef: 'c' },
      {
        'AgentAuth/a': { secretRef: { name: 's', key: 'k' } },
        'AgentRole/r': { allowedTools: ['Read'] },
        'AgentSkill/s': skill('s'),
        'McpServer/m': { command: 'm' },
        'Repository/x': { owner: 'o', name: 'x' },
        'ClusterAccess/c': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
      },
    )
    expect(missing).toEqual([])
    const { runtime, auth, role, access, skills, mcpServers, repositories } = found
    for (const one of [runtime, auth, role, access, ...skills, ...mcpServers, ...repositories])
      expect(one?.spec).toEqual(expect.any(Object))
    expect(found.references.map(({ kind }) => kind)).toHaveLength(7)
  })

  test('looks a reference up once, however often it is named', () => {
    const { skills, references } = resolvedFor(
      { skillRef: 's', skillRefs: ['t', 's'] },
      { 'AgentSkill/s': skill('s'), 'AgentSkill/t': skill('t') },
    )
    expect(skills.map(({ name }) => name)).toEqual(['s', 't'])
    expect(references).toHaveLength(3)
  })

  test('remembers misses, because they may come to be hits', () => {
    const { references, missing, skills } = resolvedFor(
      { skillRef: 's' },
      { 'AgentSkill/library/s': skill('s') },
      WITH_LIBRARY,
    )
    expect(references.map(({ namespace, name, hash }) => [namespace, name, hash !== ''])).toEqual([
      ['agents', 'echo', true],
      ['agents', 's', false],
      ['library', 's', true],
    ])
    expect(missing).toEqual([])
    expect(skills[0]?.namespace).toBe('library')
  })

  test('prefers the own namespace, and looks no further', () => {
    const { references, runtime } = resolvedFor({}, { 'AgentRuntime/library/echo': { image: 'other' } }, WITH_LIBRARY)
    expect(runtime?.spec.image).toBe('echo')
    expect(references).toHaveLength(1)
  })

  test('does not look into the library where there is none', () => {
    const { missing } = resolvedFor({ skillRefs: ['s'] }, { 'AgentSkill/library/s': skill('s') })
    const sought = { kind: 'AgentSkill', name: 's', namespaces: ['agents'] }
    const message = 'there is no AgentSkill "s" in namespace agents'
    expect(missing).toEqual([{ path: 'spec.skillRefs[0]', message, sought }])
  })

  test('says where it looked', () => {
    const { missing } = resolvedFor({ skillRef: 's' }, {}, WITH_LIBRARY)
    expect(missing[0]?.message).toBe(
      'there is no AgentSkill "s" in namespace agents or in the library namespace library',
    )
  })

  test('hashes what was found, not where', () => {
    const hashOf = (objects: object) => resolvedFor({ skillRef: 's' }, objects as never, WITH_LIBRARY).referencesHash
    const own = hashOf({ 'AgentSkill/s': skill('s') })
    expect(hashOf({ 'AgentSkill/library/s': skill('s') })).toBe(own)
    expect(hashOf({ 'AgentSkill/s': skill('other') })).not.toBe(own)
    expect(hashOf({ 'AgentSkill/s': { ...skill('s'), ref: 'main' } })).toBe(own)
  })

  test('takes an object that is not valid for missing', () => {
    expect(resolvedFor({ skillRef: 's' }, { 'AgentSkill/s': { repo: 5 } }).missing).toHaveLength(1)
  })
})

describe('looksElsewhere', () => {
  const context = { type: 'ConfigMap', configMap: { name: 'texts' } }
  const RUNTIME = { 'AgentRuntime/library/echo': { image: 'echo' }, 'AgentRuntime/echo': undefined }
  const cases: { name: string; spec?: object; objects?: Objects; before?: string; now?: string; want: boolean }[] = [
    { name: 'nothing of a library', now: 'library', want: false },
    { name: 'the same library', objects: RUNTIME, before: 'library', now: 'library', want: false },
    { name: 'another library', objects: RUNTIME, before: 'library', now: 'other', want: true },
    { name: 'a library no more', objects: RUNTIME, before: 'library', want: true },
    { name: 'a miss, where there is none', spec: { skillRef: 's' }, want: false },
    { name: 'a miss, and a first library', spec: { skillRef: 's' }, now: 'library', want: true },
    { name: 'a miss in the library, too', spec: { skillRef: 's' }, before: 'library', now: 'library', want: false },
    { name: 'an own object before that of another library', before: 'library', now: 'other', want: false },
    { name: 'a miss in the library itself', spec: { skillRef: 's' }, before: 'agents', now: 'agents', want: false },
    { name: 'a miss in what was the library', spec: { skillRef: 's' }, before: 'agents', now: 'library', want: true },
    {
      name: 'the text of a ConfigMap, which no library has',
      spec: { contexts: [context] },
      now: 'library',
      want: false,
    },
    {
      name: "the text of the library's",
      spec: { contexts: [{ name: 'house' }] },
      objects: { 'Context/library/house': context },
      before: 'library',
      now: 'library',
      want: false,
    },
  ]
  for (const { name, spec = {}, objects, before, now, want } of cases)
    test(name, () => {
      const { references } = resolvedFor(spec, objects, Settings.parse({ libraryNamespace: before }))
      expect(looksElsewhere(references, 'agents', { libraryNamespace: now })).toBe(want)
    })
})
