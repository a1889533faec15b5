import { expect, test } from 'bun:test'
import type { OwnerReference, PartialObjectMetadata } from '../kube/object.ts'
import { conflictWith } from './nameconflict.ts'

const us = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', metadata: { name: 'a', uid: 'uid-a' } }
const owner = (members: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  name: 'a',
  uid: 'earlier',
  controller: true,
  ...members,
})
const live = (metadata: Partial<PartialObjectMetadata['metadata']> = {}): PartialObjectMetadata => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'a-r1', ...metadata },
})

const waits = {
  reason: 'WaitingForDeletion',
  message: 'Job a-r1 belongs to an earlier AgentJob of this name and is about to be deleted with it',
}
const strange = {
  reason: 'NameConflict',
  message: 'Job a-r1 exists and does not belong to this AgentJob',
  final: true,
}

const cases: { name: string; given: PartialObjectMetadata; want: object }[] = [
  { name: 'of nobody', given: live(), want: strange },
  {
    name: 'that is going away, whoever it is',
    given: live({ deletionTimestamp: '2026-05-04T09:00:00Z' }),
    want: { reason: 'WaitingForDeletion', message: 'Job a-r1 is being deleted' },
  },
  { name: 'of an AgentJob that had this name before', given: live({ ownerReferences: [owner()] }), want: waits },
  {
    name: 'of that AgentJob under another version',
    given: live({ ownerReferences: [owner({ apiVersion: 'agentjob.io/v1' })] }),
    want: waits,
  },
  { name: 'of another AgentJob', given: live({ ownerReferences: [owner({ name: 'b' })] }), want: strange },
  {
    name: 'of a CronJob of this name',
    given: live({ ownerReferences: [owner({ apiVersion: 'batch/v1', kind: 'CronJob' })] }),
    want: strange,
  },
  {
    name: 'of an AgentJob of some other group',
    given: live({ ownerReferences: [owner({ apiVersion: 'example.com/v1' })] }),
    want: strange,
  },
  {
    name: 'that an AgentJob of this name owns, but does not control',
    given: live({ ownerReferences: [owner({ controller: false })] }),
    want: strange,
  },
]

for (const { name, given, want } of cases)
  test(`a Job ${name} is in the way`, () => expect(conflictWith(given, us)).toEqual(want as never))
