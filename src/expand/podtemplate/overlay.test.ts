import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../../api/finding.ts'
import { rendered } from './fixtures.ts'
import { overlay } from './overlay.ts'
import type { Fields } from './shape.ts'

const refused: { name: string; given: Fields; want: string[] }[] = [
  { name: 'nothing', given: {}, want: [] },
  { name: 'empty members', given: { metadata: {}, spec: {} }, want: [] },
  {
    name: 'another member',
    given: { status: {} },
    want: ['spec.podTemplate.status: is unknown; a podTemplate has metadata and spec'],
  },
  {
    name: 'null',
    given: { metadata: null, spec: null },
    want: ['spec.podTemplate.metadata: must be an object', 'spec.podTemplate.spec: must be an object'],
  },
  {
    name: 'lists',
    given: { metadata: [], spec: [] },
    want: ['spec.podTemplate.metadata: must be an object', 'spec.podTemplate.spec: must be an object'],
  },
  {
    name: 'one thing beside others that are fine',
    given: { metadata: { labels: { a: 'b' } }, spec: { hostIPC: true, dnsPolicy: 'Default' } },
    want: ['spec.podTemplate.spec.hostIPC: is never allowed; an agent stays in its own namespaces'],
  },
  {
    name: 'several at once',
    given: { metadata: { name: 'x' }, spec: { hostPID: true, volumes: 5 } },
    want: [
      'spec.podTemplate.metadata.name: cannot be set; allowed here: labels, annotations',
      'spec.podTemplate.spec.hostPID: is never allowed; an agent stays in its own namespaces',
      'spec.podTemplate.spec.volumes: must be a list of objects',
    ],
  },
]

describe('overlay', () => {
  for (const { name, given, want } of refused)
    test(name, () => {
      const base = rendered()
      const { template, errors } = overlay(base, given)
      expect(errors.map(formatFinding)).toEqual(want)
      // with a refusal, and without anything to merge, it stays as it was rendered
      expect(template).toEqual(rendered())
    })

  test('leaves what it was given as it was', () => {
    const base = rendered()
    const given = {
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: {
        volumes: [{ name: 'x', emptyDir: {} }],
        securityContext: { runAsUser: 1 },
        containers: [
          { name: 'agent', volumeMounts: [{ name: 'x', mountPath: '/x' }] },
          { name: 'b', image: 'b' },
        ],
        initContainers: [{ name: 'c', image: 'c' }],
      },
    }
    const before = structuredClone(given)
    expect(overlay(base, given).template).not.toEqual(rendered())
    expect(base).toEqual(rendered())
    expect(given).toEqual(before)
  })
})
