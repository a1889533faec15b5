import { type Finding, fieldPath } from './finding.ts'
import { parseQuantity } from './quantity.ts'

type Quantities = Record<string, unknown>

const isFields = (value: unknown): value is Quantities =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** The rule of `resources` that core/v1 has beside its schema: no request above its limit. The value may be anything. */
export function resourceRules(resources: unknown): Finding[] {
  if (!isFields(resources) || !isFields(resources.requests) || !isFields(resources.limits)) return []
  const { requests, limits } = resources as { requests: Quantities; limits: Quantities }
  return Object.keys(requests).flatMap((name): Finding[] => {
    const [request, limit] = [
      amountOf(requests[name]),
      Object.hasOwn(limits, name) ? amountOf(limits[name]) : undefined,
    ]
    if (request === undefined || limit === undefined || request <= limit) return []
    const path = fieldPath(['spec', 'resources', 'requests', name])
    return [{ path, message: `is ${requests[name]}, more than its limit of ${limits[name]}` }]
  })
}

const amountOf = (quantity: unknown) =>
  typeof quantity === 'string' || typeof quantity === 'number' ? parseQuantity(quantity) : undefined
