import { GROUP, type KindDefinition, type PrinterColumn, VERSION } from './kind.ts'
import { type StructuralSchema, structural } from './structural.ts'

/** A CustomResourceDefinition of apiextensions.k8s.io/v1, as far as ours go. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1'
  kind: 'CustomResourceDefinition'
  metadata: { name: string; labels: Record<string, string> }
  spec: {
    group: string
    scope: 'Namespaced'
    names: {
      kind: string
      listKind: string
      plural: string
      singular: string
      shortNames: string[]
      categories: string[]
    }
    versions: {
      name: string
      served: true
      storage: true
      schema: { openAPIV3Schema: StructuralSchema }
      subresources?: { status: Record<string, never> }
      additionalPrinterColumns: PrinterColumn[]
    }[]
  }
}

/**
 * The CustomResourceDefinition of a kind: namespaced, of category `agents`, one version. Its label is that by which the
 * CRDs of every installation are selected.
 */
export function crd(kind: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: ['agents'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: storedSchema(kind) },
          ...(kind.status && { subresources: { status: {} } }),
          additionalPrinterColumns: kind.columns,
        },
      ],
    },
  }
}

/**
 * The status of an object that the controller has not looked at yet. kstatus takes one without any for Current, and so
 * do Flux, Helm and whoever else waits by it; this one is behind its generation.
 */
const UNSEEN = { observedGeneration: -1 }

/** The schema of an object as the API server gives it. */
function storedSchema(kind: KindDefinition): StructuralSchema {
  const schema = objectSchema(kind)
  const status = schema.properties?.status
  if (status?.properties?.observedGeneration) status.default = UNSEEN
  return schema
}

/** The schema of a whole object of a kind. The API server itself knows apiVersion, kind and metadata. */
export function objectSchema({ kind, description, spec, status, expands }: KindDefinition): StructuralSchema {
  const properties: Record<string, StructuralSchema> = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { description: `What the ${kind} is to be.`, ...structural(spec) },
  }
  if (expands)
    properties.expansion = {
      type: 'object',
      description: 'What admission made of the spec: the objects that it stands for. Never written by people.',
      'x-kubernetes-preserve-unknown-fields': true,
      // one owner for the whole of it, and one entry in managedFields instead of one for each leaf
      'x-kubernetes-map-type': 'atomic',
    }
  if (status) properties.status = { description: `Where the ${kind} stands.`, ...structural(status) }
  return { type: 'object', description, required: ['spec'], properties }
}
