import { expect, test } from 'bun:test'
import { z } from 'zod'
import { objectName, quantity } from './fields.ts'
import type { KindDefinition } from './kind.ts'
import { kinds } from './kinds.ts'
import { reference } from './reference.ts'

const widget: KindDefinition = {
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  shortNames: ['wi'],
  description: 'A thing.',
  spec: z.object({
    mode: z.enum(['A', 'B']).default('A').meta({ description: 'One | other.' }),
    size: quantity.optional().meta({ description: 'How big.' }),
    count: z.int().min(0).max(9).optional().meta({ description: 'How many.' }),
    parts: z
      .array(
        z
          .object({ name: objectName('Its name.'), note: z.string().min(1).max(5).meta({ description: 'A note.' }) })
          .meta({ 'x-kubernetes-validations': [{ rule: 'true', message: 'must be so' }] }),
      )
      .max(3)
      .meta({ description: 'What it is made of.' }),
  }),
  status: z.object({ since: z.string().max(64).optional().meta({ description: 'Since when.', format: 'date-time' }) }),
  expands: true,
  columns: [{ name: 'Mode', type: 'string', jsonPath: '.spec.mode', priority: 1 }],
  example: { parts: [{ name: 'a', note: 'b' }] },
}

test('reference: a section for a kind', () => {
  const page = reference([widget])
  expect(page).toContain('| [Widget](#widget) | `wi`, `widgets` | A thing. |\n')
  expect(page.slice(page.indexOf('## Widget'))).toBe(`## Widget

A thing.

\`\`\`yaml
apiVersion: agentjob.io/v1alpha1
kind: Widget
metadata: {name: example}
spec: { "parts": [ { "name": "a", "note": "b" } ] }
\`\`\`

### Spec of Widget

| Field | Type | Default | Required | Limits | Description |
| --- | --- | --- | --- | --- | --- |
| \`mode\` | string | \`A\` |  | \`A\`, \`B\` | One \\| other. |
| \`size\` | quantity |  |  |  | How big. |
| \`count\` | integer |  |  | 0 to 9 | How many. |
| \`parts\` | list of object |  | yes | at most 3 entries | What it is made of. |
| \`parts[].name\` | name |  | yes |  | Its name. |
| \`parts[].note\` | string |  | yes | 1 to 5 characters | A note. |

Rules:

- \`parts[]\`: must be so

Beside \`spec\`, a stored Widget has the field \`expansion\`: what admission made of the spec, the objects that it stands for and the hashes of all that went into them. It is signed; what people write there is ignored.

### Status of Widget

| Field | Type | Values | Description |
| --- | --- | --- | --- |
| \`since\` | time |  | Since when. |

### \`kubectl get wi\`

| Column | Field | Shown |
| --- | --- | --- |
| MODE | \`spec.mode\` | with \`-o wide\` |
`)
})

test('reference: has no row whose cells a field has broken', () => {
  const rows = reference(kinds).match(/^\| `.*$/gm) ?? []
  const cells = (row: string) => row.replaceAll('\\|', '').split('|').length - 2
  expect(rows.filter((row) => ![3, 4, 6].includes(cells(row)))).toEqual([])
  expect(rows.length).toBeGreaterThan(100)
})
