import { describe, expect, test } from 'bun:test'
import type { z } from 'zod'
import { absolutePath, envName, image, objectName, quantity, secretKeyRef, strings } from './fields.ts'

const SUBJECTS: Record<string, { schema: z.ZodType; good: unknown[]; bad: unknown[] }> = {
  objectName: {
    schema: objectName(''),
    good: ['a', 'a-b.c', '0', 'x'.repeat(253)],
    bad: ['', 'A', '-a', 'a-', 'a..b', '.a', 'a_b', 'a/b', 'ä', 'a\n', 'x'.repeat(254), 1],
  },
  absolutePath: {
    schema: absolutePath(''),
    good: ['/a', '/etc/agent', '/etc/agent/', '/a b', '/ä/日本', '/..a', '/a/...'],
    bad: [
      '',
      '/',
      '//',
      'a',
      '/a//b',
      '/a//',
      '/a:b',
      '/..',
      '/a/../b',
      '/a/..',
      '/./a',
      '/a/.',
      '/a\nb',
      '/a\u0000',
      `/${'x'.repeat(1024)}`,
    ],
  },
  image: {
    schema: image(''),
    good: [
      ...['a', 'echo:1', 'library/echo', 'ghcr.io/example/claude-code:1.0', 'Registry.Example.com/a', 'localhost/a__b'],
      ...[
        'localhost:5000/a/b-c.d:V1_x',
        '[::1]:5000/a',
        `a@sha256:${'0'.repeat(64)}`,
        `a.b/c:1@sha256:${'f'.repeat(64)}`,
      ],
    ],
    bad: [
      ...[
        '',
        ' a',
        'a ',
        'a b',
        'a\n',
        'A',
        'ghcr.io/Example/a',
        'a:',
        'a:b c',
        'a@',
        'a@sha256:1',
        'a/',
        '/a',
        'a//b',
      ],
      ...['https://ghcr.io/a', 'a\0', 'a-', 'ä', `a:${'x'.repeat(129)}`, 'x'.repeat(1025)],
    ],
  },
  strings: {
    schema: strings('', 2, 3),
    good: [[], [''], ['abc', '\n\t'], ['日本語', '\ud800']],
    bad: [['abcd'], ['a', 'b', 'c'], ['a\0'], 'a', [1]],
  },
  envName: {
    schema: envName(''),
    good: ['A', '_', 'a.b-C_1', '.a', '-', '__proto__'],
    bad: ['', '1A', '.', '..', '..a', 'a=b', 'a b', 'ä', 'A\n'],
  },
  secretKeyRef: {
    schema: secretKeyRef,
    good: [
      { name: 's', key: 'tls.crt' },
      { name: 's', key: '.a' },
      { name: 's', key: '1_-' },
    ],
    bad: [
      { name: 's' },
      { key: 'k' },
      ...['', '.', '..', '..a', 'a/b', 'a b', 'a\n', 'ä'].map((key) => ({ name: 's', key })),
    ],
  },
  quantity: {
    schema: quantity,
    good: [0, 2, '1Gi', '500m', '1.5', '.5', '1e3', '+1'],
    bad: [-1, 1.5, '', '-1', '1 Gi', '1GB', 'Gi', '0x1', null, true],
  },
}

for (const [name, { schema, good, bad }] of Object.entries(SUBJECTS))
  describe(name, () => {
    for (const value of good)
      test(`takes ${JSON.stringify(value)}`, () => expect(schema.safeParse(value).success).toBe(true))
    for (const value of bad)
      test(`refuses ${JSON.stringify(value)}`, () => expect(schema.safeParse(value).success).toBe(false))
  })
