import { describe, expect, test } from 'bun:test'
import { convert } from './convert.ts'
import { lastOf, ofKubeTask, ofThurkube, specOf, told } from './fixtures.ts'

const ROLE = { allowedTools: ['Read'] }

describe('objects of others', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', uid: 'u' }, data: { a: null } }
  test('are passed on as they are', () => {
    const conversion = lastOf(secret)
    expect(conversion.outcome).toBe('passed')
    expect(conversion.objects[0]).toBe(secret)
    expect(told(conversion, 'note')).toEqual(['note: '])
  })

  test('of a group of theirs, and of no kind that is known, are not', () => {
    const conversion = lastOf(ofKubeTask('Tusk', {}))
    expect(conversion).toMatchObject({ outcome: 'none', objects: [] })
    expect(conversion.notes[0]?.message).toContain('did you mean Task?')
  })

  test('what is being deleted is left behind', () => {
    const metadata = { name: 'it', deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(lastOf(ofThurkube('AgentRole', ROLE, { metadata }))).toMatchObject({ outcome: 'none', objects: [] })
  })
})

describe('metadata', () => {
  const metadata = {
    name: 'it',
    namespace: 'team',
    uid: 'u',
    resourceVersion: '7',
    labels: { a: 'b', 'thurkube.thurbeen.eu/x': 'y' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    finalizers: ['thurkube.thurbeen.eu/finalizer'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' }],
    clusterName: 'old',
  }
  const conversion = lastOf(ofThurkube('AgentRole', ROLE, { metadata }))

  test('keeps what people write', () =>
    expect(conversion.objects).toEqual([
      {
        apiVersion: 'agentjob.io/v1alpha1',
        kind: 'AgentRole',
        metadata: { name: 'it', namespace: 'team', labels: { a: 'b' } },
        spec: ROLE,
      },
    ]))

  test('and tells of the rest', () =>
    expect(told(conversion, 'note', 'dropped')).toEqual([
      'note: metadata',
      'note: metadata.labels["thurkube.thurbeen.eu/x"]',
      'note: metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
      'note: metadata.finalizers',
      'dropped: metadata.ownerReferences',
      'dropped: metadata.clusterName',
    ]))
})

describe('fields', () => {
  test('that are unknown are told of with the nearest one that is known', () => {
    const [note] = lastOf(ofThurkube('AgentSkill', { repo: 'a/b', name: 'c', rfe: 'd', colour: { e: 'f' } })).notes
    expect(note).toMatchObject({
      severity: 'dropped',
      path: 'spec.rfe',
      message: expect.stringContaining('did you mean ref?'),
    })
  })

  test('that are unknown and hold others are told of once', () => {
    const conversion = lastOf(ofThurkube('AgentSkill', { repo: 'a/b', name: 'c', colour: { e: 'f', g: [1] } }))
    expect(told(conversion, 'dropped')).toEqual(['dropped: spec.colour'])
  })

  test('that are null are left out', () => {
    const conversion = lastOf(ofThurkube('AgentSkill', { repo: 'a/b', name: 'c', ref: null }))
    expect(specOf(conversion)).toEqual({ repo: 'a/b', name: 'c' })
    expect(told(conversion, 'note')).toEqual(['note: spec.ref'])
  })

  test('whose spec is none', () => {
    const conversion = lastOf(ofThurkube('AgentSkill', 'a/b' as never))
    expect(conversion.outcome).toBe('none')
    expect(told(conversion, 'dropped', 'error')).toEqual(['error: spec', 'dropped: spec'])
  })
})

describe('two objects of one name', () => {
  const task = ofKubeTask('Task', { description: 'a' })
  const cron = ofKubeTask('CronTask', { schedule: '@daily', taskTemplate: { spec: { description: 'a' } } })
  test('the second is refused', () => {
    const [first, second] = convert([task, cron], 'default')
    expect(first?.outcome).toBe('converted')
    expect(second).toMatchObject({
      outcome: 'none',
      objects: [],
      notes: [{ severity: 'error', path: 'metadata.name' }, {}, {}],
    })
  })

  test('and one whose name is taken by an object of ours', () => {
    const own = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', metadata: { name: 'it', namespace: 'default' } }
    expect(convert([task, own], 'default').map(({ outcome }) => outcome)).toEqual(['none', 'passed'])
    expect(convert([task, own], 'other').map(({ outcome }) => outcome)).toEqual(['converted', 'passed'])
  })
})

test('a version that is not known is read as the one that is', () => {
  const conversion = lastOf({ ...ofThurkube('AgentRole', ROLE), apiVersion: 'thurkube.thurbeen.eu/v2' })
  expect(conversion.outcome).toBe('converted')
  expect(told(conversion, 'note')).toEqual(['note: apiVersion'])
})
