import type { z } from 'zod'

/** A rule between the fields of an object, for the API server in CEL and for ourselves. */
export interface Rule<T> {
  rule: string
  message: string
  holds(given: T): boolean
}

/**
 * A schema with rules, which are looked at although something else is wrong, so that everything is told at once.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export function ruled<S extends z.ZodObject>(schema: S, rules: Rule<Partial<z.output<S>>>[]): S {
  const isObject = ({ value }: { value: unknown }) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
  const checked = rules.reduce(
    (one, { holds, message }) =>
      one.refine((given) => holds(given as Partial<z.output<S>>), { message, when: isObject }),
    schema,
  )
  return checked.meta({ 'x-kubernetes-validations': rules.map(({ rule, message }) => ({ rule, message })) }) as S
}
