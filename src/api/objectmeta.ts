import type { StructuralSchema } from './structural.ts'

const text = (description: string): StructuralSchema => ({ type: 'string', description })
const time = (description: string): StructuralSchema => ({ ...text(description), format: 'date-time' })
const texts = (description: string): StructuralSchema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
})
const opaque = (description: string): StructuralSchema => ({
  type: 'array',
  description,
  items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
})

/** metadata of every object, for what checks without an API server; that one knows it by itself. */
export const OBJECT_META: StructuralSchema & { properties: Record<string, StructuralSchema> } = {
  type: 'object',
  description: 'Name, namespace, labels and annotations of the object.',
  properties: {
    name: { ...text('Name of the object, one of its kind in the namespace.'), maxLength: 253 },
    generateName: { ...text('What the name begins with, where the API server is to find one.'), maxLength: 253 },
    namespace: { ...text('Namespace of the object.'), maxLength: 63 },
    labels: texts('What the object can be selected by.'),
    annotations: texts('Notes for programs and people.'),
    finalizers: { type: 'array', description: 'What has to be done before it is gone.', items: { type: 'string' } },
    ownerReferences: opaque('Objects that this one goes with.'),
    uid: text('Written by the API server.'),
    resourceVersion: text('Written by the API server.'),
    generation: { type: 'integer', description: 'Written by the API server.' },
    creationTimestamp: time('Written by the API server.'),
    deletionTimestamp: time('Written by the API server.'),
    deletionGracePeriodSeconds: { type: 'integer', description: 'Written by the API server.' },
    managedFields: opaque('Written by the API server.'),
    selfLink: text('Not in use any more.'),
  },
}
