import { RERUN_ANNOTATION } from '../../../src/api/agentjob.ts'
import { referenced } from '../../../src/expand/referenced.ts'
import { specHash } from '../../../src/expand/revision.ts'
import { verify } from '../../../src/signing/signature.ts'
import { type AgentJobObject, agentJobsOf, isLive, type Observation } from './observation.ts'

/** Every expansion is signed by us, made for the spec that is stored and from the references as they are now. */
export async function checkExpansions(o: Observation): Promise<string[]> {
  const found = await Promise.all(
    agentJobsOf(o)
      .filter(isLive)
      .map(async (job) => (await faultsOf(o, job)).map((what) => `AgentJob ${job.metadata.name}: ${what}`)),
  )
  return found.flat()
}

async function faultsOf(o: Observation, { metadata, spec, expansion }: AgentJobObject): Promise<string[]> {
  const identity = { namespace: o.namespace, name: metadata.name ?? '' }
  if (!expansion || !(await verify(expansion, identity, o.key))) return ['the expansion is not signed by the operator']
  const found: string[] = []
  if (expansion.specHash !== specHash(spec)) found.push('the expansion was made for another spec')
  for (const { kind, namespace, name, hash } of expansion.references) {
    // what is looked up in the library is not there: nobody puts anything into it
    const object = o.objects.find(
      (object) => object.kind === kind && object.metadata.name === name && namespace === o.namespace && isLive(object),
    )
    const now = object ? (referenced(kind, object.spec)?.hash ?? '') : ''
    if (hash !== now)
      found.push(`the expansion was made from ${kind} ${namespace}/${name} ${hash}, which is ${now} now`)
  }
  const token = metadata.annotations?.[RERUN_ANNOTATION]
  if (token !== undefined && expansion.problems.length === 0 && expansion.rerun !== token)
    found.push(`the rerun ${token} was not honoured; the last one is ${expansion.rerun}`)
  return found
}
