import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { podTemplateErrors } from './podtemplateerrors.ts'

const HOST_PID = 'spec.podTemplate.spec.hostPID: is never allowed; an agent stays in its own namespaces'
const mount = { spec: { containers: [{ name: 'agent', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } }

const cases: { name: string; given: unknown; want: string[] }[] = [
  {
    name: 'a podTemplate, whatever the rest is',
    given: { prompt: 5, podTemplate: { spec: { hostPID: true } } },
    want: [HOST_PID],
  },
  { name: 'one that is fine', given: { podTemplate: { spec: { dnsPolicy: 'Default' } } }, want: [] },
  { name: 'none', given: {}, want: [] },
  { name: 'one that the schema refuses', given: { podTemplate: 'x' }, want: [] },
  { name: 'a mount of the volume that persist brings', given: { persist: true, podTemplate: mount }, want: [] },
  {
    name: 'a mount of a volume that is not there',
    given: { persist: 'yes', podTemplate: mount },
    want: ['spec.podTemplate.spec.containers[0].volumeMounts[0].name: must be a volume of the pod, such as tmp'],
  },
  {
    name: 'more containers than anybody counts',
    given: {
      podTemplate: { spec: { containers: Array.from({ length: 70_000 }, (_, i) => ({ name: `c${i}`, image: 'x' })) } },
    },
    want: [],
  },
  { name: 'no spec', given: null, want: [] },
  { name: 'a list', given: [], want: [] },
]

describe('podTemplateErrors', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(podTemplateErrors(given).map(formatFinding)).toEqual(want))
})
