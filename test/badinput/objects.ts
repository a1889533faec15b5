import fc from 'fast-check'
import { API_VERSION, type KindDefinition } from '../../src/api/kind.ts'
import { kinds } from '../../src/api/kinds.ts'
import { validate } from '../../src/api/validate.ts'
import { arbitrary, CONTEXT, RUNTIME, specs } from '../golden/arbitraries.ts'

/** An object that nothing is wrong with. */
export interface SoundObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string }
  spec: Record<string, unknown>
}

/** Few enough rights for all of them to be asked for. */
const rules = fc.constantFrom(
  { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
  { apiGroups: ['apps', 'batch'], resources: ['*'], resourceNames: ['one'], verbs: ['*'] },
)
const OVERRIDES: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  AgentRuntime: RUNTIME,
  Context: CONTEXT,
  ClusterAccess: { 'spec.rules[]': rules },
}

/** The one host that the webhook of these tests allows to be notified. */
export const HOOKS = 'hooks.example.com'
const allowed = ({ notify, ...spec }: Record<string, unknown>) =>
  notify ? { ...spec, notify: { ...notify, url: `https://${HOOKS}/agentjob` } } : spec

const specsOf = ({ kind, spec }: KindDefinition) =>
  kind === 'AgentJob'
    ? specs().map(allowed)
    : (arbitrary(spec, OVERRIDES[kind]) as fc.Arbitrary<Record<string, unknown>>)

const isSound = (definition: KindDefinition) => (object: SoundObject) => !validate(definition, object).errors.length

/** Objects of all kinds, made from their schemas. */
export const objects: fc.Arbitrary<SoundObject> = fc.oneof(
  ...kinds.map((definition) =>
    specsOf(definition)
      .map((spec) => ({
        apiVersion: API_VERSION,
        kind: definition.kind,
        metadata: { name: 'sound', namespace: 'default' },
        spec,
      }))
      .filter(isSound(definition)),
  ),
)

/** The least AgentJob that there can be. */
export const GOOD: SoundObject = {
  apiVersion: API_VERSION,
  kind: 'AgentJob',
  metadata: { name: 'good', namespace: 'default' },
  spec: { prompt: 'Say hello.', runtimeRef: 'none' },
}
