import { quantity } from './fields.ts'
import { type Finding, type Findings, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { parseQuantity } from './quantity.ts'

/**
 * The rules of `resources` that core/v1 has beside its schema: no request above its limit, no part of a byte. The value
 * may be anything; `path` is where it stands.
 */
export function resourceRules(resources: unknown, path: readonly string[] = ['spec', 'resources']): Findings {
  if (!isFields(resources)) return { errors: [], warnings: [] }
  const [requests, limits] = [resources.requests, resources.limits].map((list) => (isFields(list) ? list : {})) as [
    Fields,
    Fields,
  ]
  return {
    errors: aboveLimits(requests, limits, path),
    warnings: [...partsOfBytes('requests', requests, path), ...partsOfBytes('limits', limits, path)],
  }
}

function aboveLimits(requests: Fields, limits: Fields, at: readonly string[]): Finding[] {
  return Object.keys(requests).flatMap((name): Finding[] => {
    const request = amountOf(requests[name])
    const limit = Object.hasOwn(limits, name) ? amountOf(limits[name]) : undefined
    if (request === undefined || limit === undefined || request <= limit) return []
    const path = fieldPath([...at, 'requests', name])
    return [{ path, message: `is ${requests[name]}, more than its limit of ${limits[name]}` }]
  })
}

/** `512m` of memory is half a byte; Kubernetes takes it. */
function partsOfBytes(list: string, quantities: Fields, at: readonly string[]): Finding[] {
  const { memory } = quantities
  if (typeof memory !== 'string' || !/^[0-9]{1,9}m$/.test(memory)) return []
  const path = fieldPath([...at, list, 'memory'])
  return [{ path, message: `is ${memory}, thousandths of a byte; did you mean ${memory.slice(0, -1)}Mi?` }]
}

// what is no quantity is said of the field itself, and has no amount to compare
const amountOf = (value: unknown) => {
  const { data } = quantity.safeParse(value)
  return data === undefined ? undefined : parseQuantity(data)
}
