import type { z } from 'zod'
import { messageOf } from '../api/messages.ts'
import { schemaAt, shapeOf } from '../api/shapes.ts'

/** What is wrong with a value of an object that a schema refuses, and what would be right. */
export function issueText(issue: z.core.$ZodIssue, schema: z.ZodType, object: unknown): string {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], object)
  const found = schemaAt(schema, issue.path)
  return messageOf(issue, value, found && shapeOf(found))
}
