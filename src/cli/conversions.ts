import { type Fields, isFields } from '../api/isfields.ts'
import { convert } from '../convert/convert.ts'
import type { Severity } from '../convert/note.ts'
import { shown } from '../convert/shown.ts'
import type { Client } from '../kube/client.ts'
import { readSources } from './files.ts'
import { foreignObjects } from './foreignobjects.ts'
import { parseManifests, type TextError } from './manifests.ts'
import type { Position } from './position.ts'

/** An object that is to be converted, and where its fields stand. */
export interface Given {
  object: Fields
  positionOf(path: string): Position
}

/** The objects of files, and what is wrong with their texts. */
export async function givenInFiles(
  paths: string[],
  recursive: boolean,
): Promise<{ given: Given[]; errors: TextError[] }> {
  const { sources, errors } = await readSources(paths, { recursive })
  const files = sources.map(({ file, text }) => ({ file, ...parseManifests(file, text) }))
  const given = files.flatMap(({ manifests }) => manifests)
  const all = [...errors, ...files.flatMap((file) => file.errors)]
  if (!given.length && !all.length)
    all.push({ file: files.map(({ file }) => file).join(', '), message: 'holds no object' })
  return { given, errors: all }
}

/** The objects of a cluster; where one stands is its name. */
export async function givenInCluster(client: Client, namespace: string | undefined): Promise<Given[]> {
  return (await foreignObjects(client, namespace)).map((object) => {
    const { name = '', namespace: at } = object.metadata
    const file = `${object.kind.toLowerCase()}.${object.apiVersion.split('/')[0]}/${name}`
    return { object, positionOf: () => ({ file: at === undefined ? file : `${at}/${file}` }) }
  })
}

/** What an object is, for the report. */
export interface Identity {
  apiVersion?: string
  kind?: string
  namespace?: string
  name?: string
}

/** A word on a field of an object, with its place. */
export interface ReportedNote extends Position {
  severity: Severity
  path: string
  message: string
}

/** What became of one object of the input. */
export interface ReportedObject extends Identity, Position {
  outcome: 'converted' | 'passed' | 'none'
  /** The objects that came out. */
  into: Identity[]
  notes: ReportedNote[]
}

/** What became of the input. */
export interface ConversionReport {
  converted: number
  passed: number
  /** Objects that nothing came out of, because of errors, because they are part of others, or because they have no counterpart. */
  none: number
  /** Fields and objects that were not carried over. */
  dropped: number
  errors: number
  objects: ReportedObject[]
}

/** Converts what was given: the objects that come out, in the order of the input, and the report. */
export function convertGiven(given: Given[], namespace: string): { objects: Fields[]; report: ConversionReport } {
  const conversions = convert(
    given.map(({ object }) => object),
    namespace,
  )
  const reported = conversions.map(({ outcome, objects, notes }, index): ReportedObject => {
    const { object, positionOf } = given[index] as Given
    return {
      ...positionOf(''),
      ...identityOf(object),
      outcome,
      into: objects.map(identityOf),
      notes: notes.map((note) => ({ ...positionOf(note.path), ...note })),
    }
  })
  const notes = reported.flatMap((one) => one.notes)
  const outcomes = (outcome: ReportedObject['outcome']) => reported.filter((one) => one.outcome === outcome).length
  const severities = (severity: Severity) => notes.filter((note) => note.severity === severity).length
  return {
    objects: conversions.flatMap(({ objects }) => objects),
    report: {
      converted: outcomes('converted'),
      passed: outcomes('passed'),
      none: outcomes('none'),
      dropped: severities('dropped'),
      errors: severities('error'),
      objects: reported,
    },
  }
}

function identityOf({ apiVersion, kind, metadata }: Fields): Identity {
  const { namespace, name, generateName } = isFields(metadata) ? metadata : {}
  const entries = Object.entries({ apiVersion, kind, namespace, name: name ?? generateName })
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined).map(([key, value]) => [key, shown(value)]),
  )
}
