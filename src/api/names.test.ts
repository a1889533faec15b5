import { describe, expect, test } from 'bun:test'
import type { Metadata } from './kind.ts'
import { checkName, nameErrors } from './names.ts'

const cases: { name: string; given: Metadata; scheduled: boolean; errors?: string; warnings?: string }[] = [
  { name: 'short', given: { name: 'a' }, scheduled: true },
  { name: 'not near the limit of a CronJob', given: { name: 'x'.repeat(48) }, scheduled: true },
  {
    name: 'near the limit of a CronJob',
    given: { name: 'x'.repeat(49) },
    scheduled: true,
    warnings: '49 of at most 52 characters are taken; Kubernetes takes no longer ones for CronJobs',
  },
  {
    name: 'at the limit of a CronJob',
    given: { name: 'x'.repeat(52) },
    scheduled: true,
    warnings: '52 of at most 52 characters are taken; Kubernetes takes no longer ones for CronJobs',
  },
  {
    name: 'too long for a CronJob',
    given: { name: 'x'.repeat(53) },
    scheduled: true,
    errors: 'is 53 characters long; at most 52 are possible, because Kubernetes takes no longer ones for CronJobs',
  },
  {
    name: 'at the limit of a Job',
    given: { name: 'x'.repeat(54) },
    scheduled: false,
    warnings: "54 of at most 54 characters are taken; a Job's name has at most 63, and a revision takes 9 of them",
  },
  {
    name: 'too long for a Job',
    given: { name: 'x'.repeat(55) },
    scheduled: false,
    errors:
      "is 55 characters long; at most 54 are possible, because a Job's name has at most 63, and a revision takes 9 of them",
  },
  { name: 'a name wins over a generateName', given: { name: 'a', generateName: 'x'.repeat(60) }, scheduled: true },
  {
    name: 'a generateName that will be too long',
    given: { generateName: 'x'.repeat(45) },
    scheduled: true,
    errors:
      'would be 53 characters long; at most 52 are possible, because Kubernetes takes no longer ones for CronJobs',
  },
  { name: 'neither', given: {}, scheduled: true },
]

describe('checkName', () => {
  for (const { name, given, scheduled, errors, warnings } of cases)
    test(name, () => {
      const path = given.name ? 'metadata.name' : 'metadata.generateName'
      expect(checkName(given, scheduled)).toEqual({
        errors: errors ? [{ path, message: errors }] : [],
        warnings: warnings ? [{ path, message: warnings }] : [],
      })
    })
})

const characters: { given: Metadata; want?: string }[] = [
  { given: { name: 'a-1.b' } },
  { given: { name: 'Hello_World' }, want: 'metadata.name' },
  { given: { name: 'a ' }, want: 'metadata.name' },
  { given: { name: 'a\n' }, want: 'metadata.name' },
  { given: { name: 'a..b' }, want: 'metadata.name' },
  { given: { generateName: 'a-' } },
  { given: { generateName: 'a..' }, want: 'metadata.generateName' },
  { given: { generateName: 'A-' }, want: 'metadata.generateName' },
  { given: {} },
]
test.each(characters)('the characters of $given', ({ given, want }) => {
  expect(nameErrors(given).map(({ path }) => path)).toEqual(want ? [want] : [])
})
