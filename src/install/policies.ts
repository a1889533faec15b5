import { GROUP, VERSION } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import type { KubeObject } from '../kube/object.ts'
import { userOf } from './names.ts'
import type { Values } from './values.ts'
import { NOT_BEING_DELETED } from './webhookconfiguration.ts'

const matching = (operations: string[], ...resources: string[]) => ({
  resourceRules: [{ apiGroups: [GROUP], apiVersions: [VERSION], operations, resources }],
})

const WITH_STATUS = kinds.filter(({ status }) => status).map(({ plural }) => plural)

/**
 * The ValidatingAdmissionPolicies, without names; `variables.controller` and `variables.writers` are filled in. They are
 * evaluated after all mutating webhooks, so they see what ours has written, or what the user has where it was not asked.
 *
 * CEL cannot verify a signature: it sees that there is one, and whom the expansion names. Somebody who gets past the
 * webhook can make that up, and the controller creates nothing from it.
 */
export const POLICIES = {
  expansion: {
    matchConstraints: matching(['CREATE', 'UPDATE'], 'agentjobs'),
    matchConditions: [NOT_BEING_DELETED],
    validations: [
      {
        expression: "has(object.expansion) && has(object.expansion.signature) && object.expansion.signature != ''",
        message: 'it has no signed expansion: the webhook of AgentJob was not asked; is it registered and up?',
      },
      {
        // the controller changes no spec; where another webhook does so under its touch, the requester stays
        expression:
          "!has(object.expansion) || request.userInfo.username == variables.controller || (has(object.expansion.requester) && object.expansion.requester in ['', request.userInfo.username]) || (request.operation == 'UPDATE' && has(oldObject.expansion) && has(oldObject.expansion.specHash) && has(object.expansion.specHash) && object.expansion.specHash == oldObject.expansion.specHash)",
        message: 'its expansion was made for somebody else; leave out the field expansion, admission writes it',
      },
    ],
  },
  status: {
    matchConstraints: matching(['UPDATE'], ...WITH_STATUS.map((plural) => `${plural}/status`)),
    validations: [
      {
        expression: 'request.userInfo.username in variables.writers',
        message: 'the status of AgentJobs and AgentQuotas is written by the controller alone',
        reason: 'Forbidden',
      },
    ],
  },
} as const

/** The policies that the values ask for, each with its binding. */
export function policies(values: Values, namespace: string, labels: Record<string, string>): KubeObject[] {
  const controller = userOf('controller', namespace)
  const list = [controller, ...values.policies.status.users].map((user) => JSON.stringify(user)).join(', ')
  const variables = {
    expansion: [{ name: 'controller', expression: JSON.stringify(controller) }],
    status: [{ name: 'writers', expression: `[${list}]` }],
  }
  const names = (['expansion', 'status'] as const).filter((name) => values.policies[name].enabled)
  return names.flatMap((name) =>
    policyWithBinding(`agentjob-${name}`, { ...POLICIES[name], variables: variables[name] }, labels),
  )
}

function policyWithBinding(name: string, spec: object, labels: Record<string, string>): KubeObject[] {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const metadata = { name, labels }
  return [
    { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec: { failurePolicy: 'Fail', ...spec } },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ]
}
