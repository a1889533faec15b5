import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { AgentJobSpec } from '../../src/api/agentjob.ts'
import type { Expansion, Grant } from '../../src/api/expansion.ts'
import { type Finding, formatFinding } from '../../src/api/finding.ts'
import type { Resource } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { validate } from '../../src/api/validate.ts'
import { expand } from '../../src/expand/expand.ts'
import type { NamedAgentJob, Referenced } from '../../src/expand/input.ts'
import type { Quota } from '../../src/expand/quotas.ts'
import { referenced, referencedConfigMap } from '../../src/expand/referenced.ts'
import { everyGrant } from '../../src/expand/references.ts'
import { specHash } from '../../src/expand/revision.ts'
import { Settings } from '../../src/expand/settings.ts'

/** What a case comes to: the text of its out.yaml. */
export type Outcome = { expansion: unknown; warnings?: string[] } | { errors: string[]; warnings?: string[] }

/** A document of an in.yaml. */
export type Document = Omit<Resource<unknown>, 'apiVersion'> & { apiVersion?: string; grants?: Grant[] }

const FOLDER = import.meta.dirname

/** The names of the cases: the folders beside this file. */
export async function cases(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** The documents of a case. */
export async function documentsOf(name: string): Promise<Document[]> {
  const text = await readFile(join(FOLDER, name, 'in.yaml'), 'utf8')
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length) throw new Error(`${name}/in.yaml: ${document.errors[0]?.message}`)
    return document.toJS() as Document
  })
}

/**
 * Applies the documents of a case one after the other, as kubectl would, and gives what the last AgentJob comes to. Each
 * AgentJob is expanded against what is there by then, with its expansion before as the previous one; written again
 * without a change it is a touch. Beside our kinds there are `Settings` (the operator's), `Requester` (who writes what
 * follows; without one: alice, who may use every ClusterAccess and ConfigMap), and an object with a deletionTimestamp, which is gone.
 */
export function outcomeOf(documents: Document[]): Outcome {
  const world = new World()
  let outcome: Outcome | undefined
  for (const document of documents) outcome = world.apply(document) ?? outcome
  if (!outcome) throw new Error('there is no AgentJob in this case')
  return outcome
}

class World {
  private settings = Settings.parse({})
  private requester = 'alice'
  private grants: Grant[] | undefined
  private readonly objects = new Map<string, Referenced>()
  private readonly jobs = new Map<string, { spec: unknown; expansion: Expansion }>()

  apply(document: Document): Outcome | undefined {
    const { kind, metadata, spec } = document
    if (kind === 'Settings') this.settings = Settings.parse(spec)
    else if (kind === 'Requester') [this.requester, this.grants] = [metadata.name as string, document.grants]
    else if (kind === 'AgentJob') return this.applyJob(document)
    else if (kind === 'ConfigMap' && !metadata.deletionTimestamp)
      this.objects.set(`${kind}/${metadata.namespace}/${metadata.name}`, referencedConfigMap(document))
    else {
      const key = `${kind}/${metadata.namespace}/${metadata.name}`
      if (metadata.deletionTimestamp) this.objects.delete(key)
      else {
        const { errors } = validated(document)
        if (errors.length) throw new Error(`${key}: ${errors.map(formatFinding).join('; ')}`)
        this.objects.set(key, referenced(kind, spec) as Referenced)
      }
    }
    return undefined
  }

  private applyJob(document: Document): Outcome {
    const { spec, errors, warnings } = validated(document)
    if (errors.length) return outcome(errors, warnings, undefined)
    const job = { ...document, spec } as NamedAgentJob
    const { namespace, name } = job.metadata
    const before = this.jobs.get(`${namespace}/${name}`)
    const specChanged = !before || specHash(before.spec) !== specHash(spec)
    const output = expand({
      job,
      previous: before?.expansion,
      specChanged,
      requester: specChanged ? this.requester : (before?.expansion.requester as string),
      grants: specChanged ? this.grantsFor(job) : (before?.expansion.grants ?? []),
      quotas: this.quotasOf(namespace),
      lookup: (kind, namespace, name) => this.objects.get(`${kind}/${namespace}/${name}`),
      settings: this.settings,
    })
    if (!output.errors.length)
      this.jobs.set(`${namespace}/${name}`, { spec: document.spec, expansion: output.expansion })
    return outcome(output.errors, [...warnings, ...output.warnings], output.expansion)
  }

  private quotasOf(namespace: string): Quota[] {
    const begin = `AgentQuota/${namespace}/`
    return [...this.objects].flatMap(([key, { spec, hash }]) =>
      key.startsWith(begin) ? [{ name: key.slice(begin.length), spec: spec as Quota['spec'], hash }] : [],
    )
  }

  private grantsFor({ metadata, spec }: NamedAgentJob): Grant[] {
    return this.grants ?? everyGrant(spec as AgentJobSpec, metadata.namespace, this.settings)
  }
}

function validated(document: Document) {
  const definition = kindOf(document.kind)
  if (!definition) throw new Error(`there is no kind ${document.kind}`)
  return validate(definition, document)
}

function outcome(errors: Finding[], warnings: Finding[], expansion: Expansion | undefined): Outcome {
  const said = warnings.length ? { warnings: warnings.map(formatFinding) } : {}
  if (errors.length) return { errors: errors.map(formatFinding), ...said }
  // as it is stored: without the members that are undefined
  return { expansion: JSON.parse(JSON.stringify(expansion)), ...said }
}
