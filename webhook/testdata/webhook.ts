import { applyPatch, type Operation } from 'rfc6902'
import type { AgentJob } from '../../src/api/agentjob.ts'
import { API_VERSION, GROUP, VERSION } from '../../src/api/kind.ts'
import type { Referenced } from '../../src/expand/input.ts'
import type { Quota } from '../../src/expand/quotas.ts'
import { referenced, referencedConfigMap } from '../../src/expand/referenced.ts'
import { Settings } from '../../src/expand/settings.ts'
import { type Epochs, onlyFirst } from '../../src/signing/epochs.ts'
import { keysOf } from '../../src/signing/keyring.ts'
import type { SigningKey } from '../../src/signing/signature.ts'
import { createApp } from '../app.ts'
import type { AdmissionRequest, UserInfo } from '../review.ts'
import { type Attributes, describeRight } from '../rights.ts'

/** The operator's own username. */
export const OPERATOR = 'system:serviceaccount:agentjob-system:agentjob'

export const NAMESPACE = 'agents'
export const KEY: SigningKey = new Uint8Array(32).fill(7)

/** An object that an AgentJob can refer to: kind, name, spec, and its namespace if it is another one. */
export type There = [kind: string, name: string, spec: object, namespace?: string]

export const RUNTIME: There = ['AgentRuntime', 'echo', { image: 'registry.example.com/echo:1' }]

export interface Given {
  /** What the caches hold. */
  there?: There[]
  /** What only the API server knows. */
  live?: There[]
  settings?: object
  /** The keys that this replica knows; the first one is KEY unless said. */
  epochs?: Epochs
  /** What it finds when it reads them anew; undefined where it cannot. */
  newer?: Epochs
  /** The AgentQuotas are not known yet. */
  quotasUnknown?: boolean
  /** Whether a user may do something; by default nobody may anything. */
  may?: (right: string, user: UserInfo) => boolean
}

/** Who may do what is named, and nothing else. */
export const rights =
  (...allowed: string[]): Given['may'] =>
  (right) =>
    allowed.includes(right)

export interface Answer {
  uid: string
  allowed: boolean
  warnings?: string[]
  patch: Operation[]
  status?: {
    code: number
    reason: string
    message: string
    details: { causes: { field: string; message: string; reason: string }[] }
  }
  /** The object as the API server stores it. */
  object: AgentJob
}

/** The webhook in this process: the real app, over objects and rights that are given. */
export function webhook(given: Given = {}) {
  const there = new Map(given.there?.map(entryOf))
  const live = new Map(given.live?.map(entryOf))
  let epochs = given.epochs ?? onlyFirst(KEY)
  const seen = {
    read: [] as string[],
    asked: [] as string[],
    logged: [] as object[],
    admitted: [] as string[],
    traced: [] as string[],
  }
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void seen.logged.push(fields) }
  const app = createApp({
    lookup: (kind, namespace, name) => there.get(`${kind}/${namespace}/${name}`),
    quotasOf: (namespace) => (given.quotasUnknown ? undefined : quotasAmong(there, namespace)),
    read: async (kind, namespace, name) => {
      seen.read.push(`${kind}/${namespace}/${name}`)
      return live.get(`${kind}/${namespace}/${name}`)
    },
    review: async (user: UserInfo, attributes: Attributes) => {
      const right = describeRight(attributes)
      seen.asked.push(`${user.username}: ${right}`)
      return given.may?.(right, user) ?? false
    },
    keys: keysOf(
      () => epochs,
      async () => {
        if (!given.newer) throw new Error('the keys cannot be read')
        epochs = given.newer
      },
    ),
    operator: OPERATOR,
    settings: Settings.parse(given.settings ?? {}),
    metrics: { admitted: (kind, operation, code) => void seen.admitted.push(`${kind} ${operation} ${code}`) },
    traces: { admitted: ({ namespace, name, job }) => void seen.traced.push(`${namespace}/${name} ${job}`) },
    log,
  })
  const post = (body: RequestInit['body'], headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    app.request('/mutate', { method: 'POST', body, headers })
  async function admit(request: object): Promise<Answer> {
    const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
    const response = await post(JSON.stringify(body))
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
    const review = (await response.json()) as { response: Omit<Answer, 'patch' | 'object'> & { patch?: string } }
    const patch = JSON.parse(Buffer.from(review.response.patch ?? 'W10=', 'base64').toString()) as Operation[]
    const object = structuredClone((request as { object: AgentJob }).object)
    for (const error of applyPatch(object, patch)) if (error) throw error
    return { ...review.response, patch, object }
  }
  return { app, post, admit, seen, there }
}

function entryOf([kind, name, spec, namespace = NAMESPACE]: There): [string, Referenced | undefined] {
  const found = kind === 'ConfigMap' ? referencedConfigMap(spec) : referenced(kind, spec)
  if (!found) throw new Error(`${kind} ${name} is not valid`)
  return [`${kind}/${namespace}/${name}`, found]
}

function quotasAmong(there: Map<string, Referenced | undefined>, namespace: string): Quota[] {
  const begin = `AgentQuota/${namespace}/`
  return [...there].flatMap(([key, found]) =>
    key.startsWith(begin)
      ? [{ name: key.slice(begin.length), spec: found?.spec as Quota['spec'], hash: found?.hash ?? '' }]
      : [],
  )
}

/** An AgentJob as somebody writes it. */
export const written = (spec: object = {}, metadata: object = {}, more: object = {}) => ({
  apiVersion: API_VERSION,
  kind: 'AgentJob',
  metadata: { name: 'hello', namespace: NAMESPACE, ...metadata },
  spec: { runtimeRef: 'echo', prompt: 'Say hello.', ...spec },
  ...more,
})

/** `request` of an AdmissionReview about an object. */
export function request(object: { kind: string }, more: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: '0d4c7a8e-1b2c-4d3e-8f90-a1b2c3d4e5f6',
    kind: { group: GROUP, version: VERSION, kind: object.kind },
    operation: more.oldObject === undefined ? 'CREATE' : 'UPDATE',
    namespace: NAMESPACE,
    userInfo: { username: 'alice', groups: ['agents'] },
    object,
    ...more,
  }
}
