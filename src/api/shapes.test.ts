import { expect, test } from 'bun:test'
import type { z } from 'zod'
import { agentJob } from './agentjob.ts'
import { clusterAccess } from './clusteraccess.ts'
import { mcpServer } from './mcpserver.ts'
import { membersAt, schemaAt, shapeOf } from './shapes.ts'

const cases: { schema: z.ZodType; path: PropertyKey[]; want: string | undefined }[] = [
  { schema: agentJob.spec, path: [], want: 'an object (prompt, runtimeRef, …)' },
  { schema: agentJob.spec, path: ['skillRefs'], want: 'a list of strings' },
  { schema: agentJob.spec, path: ['retry', 'onFailures'], want: 'a list of whole numbers and strings' },
  { schema: agentJob.spec, path: ['env'], want: 'a list of objects (name, value, valueFrom)' },
  { schema: agentJob.spec, path: ['env', 3, 'valueFrom', 'secretKeyRef'], want: 'an object (name, key, optional)' },
  { schema: agentJob.spec, path: ['resources', 'limits', 'cpu'], want: undefined },
  { schema: agentJob.spec, path: ['prompt'], want: undefined },
  { schema: agentJob.spec, path: ['constructor'], want: undefined },
  { schema: mcpServer.spec, path: ['headers'], want: 'a list of objects (name, value, valueFrom)' },
  {
    schema: clusterAccess.spec,
    path: ['rules', 0],
    want: 'an object (apiGroups, resources, resourceNames, verbs, nonResourceURLs)',
  },
]
test('members of an object, and of nothing else', () => {
  expect(membersAt(agentJob.spec, ['env', 0, 'valueFrom', 'secretKeyRef'])).toEqual(['name', 'key', 'optional'])
  for (const path of [['env'], ['prompt'], ['nothing', 'at', 'all']]) expect(membersAt(agentJob.spec, path)).toEqual([])
})

test.each(cases)('$path: $want', ({ schema, path, want }) => {
  const found = schemaAt(schema, path)
  expect(found && shapeOf(found)).toBe(want)
})
