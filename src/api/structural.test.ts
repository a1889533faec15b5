import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { type StructuralSchema, structural } from './structural.ts'

const intOrString = z
  .union([
    z.int().min(0),
    z
      .string()
      .max(32)
      .regex(/^[0-9]+Gi$/),
  ])
  .meta({ 'x-kubernetes-int-or-string': true })

describe('structural', () => {
  const cases: { name: string; given: z.ZodType; want: StructuralSchema }[] = [
    { name: 'a whole number', given: z.int(), want: { type: 'integer', format: 'int64' } },
    {
      name: 'a small whole number',
      given: z.int().min(1).max(100),
      want: { type: 'integer', format: 'int32', minimum: 1, maximum: 100 },
    },
    {
      name: 'a number or a string',
      given: z.object({ size: intOrString.default('1Gi').meta({ description: 'Size.' }) }),
      want: {
        type: 'object',
        properties: {
          size: {
            anyOf: [{ type: 'integer' }, { type: 'string' }],
            'x-kubernetes-int-or-string': true,
            description: 'Size.',
            default: '1Gi',
            maxLength: 32,
            pattern: '^[0-9]+Gi$',
          },
        },
      },
    },
    {
      name: 'a number between limits, or a word',
      given: z.union([z.int().min(1).max(9), z.string().max(3)]).meta({ 'x-kubernetes-int-or-string': true }),
      want: {
        ...{ anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
        ...{ maxLength: 3, minimum: 1, maximum: 9 },
      },
    },
    {
      name: 'a map of anything',
      given: z.record(z.string(), z.unknown()),
      want: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    {
      name: 'a map of numbers',
      given: z.record(z.string(), z.int().max(9)),
      want: { type: 'object', additionalProperties: { type: 'integer', format: 'int32', maximum: 9 } },
    },
    {
      name: 'a default, which makes a field optional',
      given: z.object({ a: z.string().max(9), b: z.string().max(9).default('x') }),
      want: {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string', maxLength: 9 }, b: { type: 'string', maxLength: 9, default: 'x' } },
      },
    },
    {
      name: "Kubernetes' own words",
      given: z.array(z.string().max(9)).max(9).meta({ 'x-kubernetes-list-type': 'set', maxProperties: 3 }),
      want: {
        type: 'array',
        maxItems: 9,
        maxProperties: 3,
        items: { type: 'string', maxLength: 9 },
        'x-kubernetes-list-type': 'set',
      },
    },
  ]
  for (const { name, given, want } of cases) test(name, () => expect(structural(given)).toEqual(want))

  test('a union is refused with its place', () => {
    const schema = z.object({ env: z.array(z.union([z.string(), z.boolean()])) })
    expect(() => structural(schema)).toThrow('env.[]: a union is not structural; write optional fields')
  })
})
