import type { Fields } from '../api/isfields.ts'
import { type Conversion, convert } from './convert.ts'

/** What becomes of objects whose namespace is `default`, the last of them. */
export const lastOf = (...input: Fields[]): Conversion => convert(input, 'default').at(-1) as Conversion

/** An object of thurkube's. */
export const ofThurkube = (kind: string, spec: Fields, more: Fields = {}): Fields => ({
  apiVersion: 'thurkube.thurbeen.eu/v1alpha1',
  kind,
  metadata: { name: 'it' },
  spec,
  ...more,
})

/** An object of KubeTask's. */
export const ofKubeTask = (kind: string, spec: Fields, more: Fields = {}): Fields => ({
  apiVersion: 'kubetask.io/v1alpha1',
  kind,
  metadata: { name: 'it' },
  spec,
  ...more,
})

/** An object of KubeOpenCode's. */
export const ofOpenCode = (kind: string, spec: Fields, more: Fields = {}): Fields => ({
  ...ofKubeTask(kind, spec, more),
  apiVersion: 'kubeopencode.io/v1alpha1',
})

/** The spec of the one object that came out. */
export const specOf = ({ objects }: Conversion): unknown => objects[0]?.spec

/** `dropped: spec.quota`, for each word of a kind. */
export const told = ({ notes }: Conversion, ...severities: string[]): string[] =>
  notes.filter(({ severity }) => severities.includes(severity)).map(({ severity, path }) => `${severity}: ${path}`)
