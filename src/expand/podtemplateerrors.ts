import { AgentJobSpec } from '../api/agentjob.ts'
import { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Finding } from '../api/finding.ts'
import { API_VERSION } from '../api/kind.ts'
import { oddities } from '../api/oddities.ts'
import { renderPod } from './pod.ts'
import { isFields } from './podtemplate/shape.ts'
import { resolve } from './references.ts'
import { Settings } from './settings.ts'

const NOWHERE = { name: 'none', namespace: 'none' }
const SETTINGS = Settings.parse({})

/**
 * What is wrong with the podTemplate of a spec that is not valid anyway, so that everything is told at once; the spec
 * may be of any shape. Of one that is valid an expansion tells more.
 */
export function podTemplateErrors(spec: unknown): Finding[] {
  // of what is beyond measure nothing more is told
  if (!isFields(spec) || oddities(spec, ['spec']).beyondMeasure) return []
  const { podTemplate, persist } = spec
  const alone = { prompt: 'none', runtimeRef: 'none', persist: persist === true, podTemplate }
  const parsed = AgentJobSpec.safeParse(alone)
  if (!parsed.success) return []
  const job = { apiVersion: API_VERSION, kind: 'AgentJob', metadata: NOWHERE, spec: parsed.data }
  const nothing = resolve(parsed.data, NOWHERE.namespace, () => undefined, SETTINGS)
  return renderPod(job, AgentRuntimeSpec.parse({ image: 'none' }), nothing, '', SETTINGS).errors
}
