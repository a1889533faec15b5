import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { checkSchedule, neverFires, nextRun } from './schedule.ts'
import { checkTimezone } from './timezone.ts'

/** A table that test/schedule made with Kubernetes' own parser. */
const table = <Row>(name: string): Row[] =>
  readFileSync(new URL(`testdata/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('schedules', () => {
  const rows = table<[text: string, accepted: boolean, never: boolean]>('schedules')

  test('are accepted and refused as by Kubernetes', () => {
    const given = rows.map(([text]) => [text, checkSchedule(text) === undefined])
    expect(given).toEqual(rows.map(([text, accepted]) => [text, accepted]))
    expect(rows.length).toBeGreaterThan(3000)
  })

  test('that never fire are known', () => {
    const given = rows.filter(([text]) => neverFires(text)).map(([text]) => text)
    expect(given).toEqual(rows.filter(([, , never]) => never).map(([text]) => text))
    expect(given).toContain('0 0 31 2 *')
  })

  const sentences = [
    {
      given: '0 0 3 * * *',
      want: 'has 6 fields; Kubernetes takes 5: minute hour day-of-month month day-of-week (drop the seconds)',
    },
    {
      given: '0 3 * * * 2026',
      want: 'has 6 fields; Kubernetes takes 5: minute hour day-of-month month day-of-week (drop the year)',
    },
    { given: '0 3 * *', want: 'has 4 fields; Kubernetes takes 5: minute hour day-of-month month day-of-week' },
    {
      given: 'daily',
      want: 'has 1 field; Kubernetes takes 5: minute hour day-of-month month day-of-week, or @daily',
    },
    { given: '60 3 * * *', want: 'has 60 as minute; it takes 0-59' },
    { given: '0 3 * * 1-7', want: 'has "1-7" as day-of-week; Kubernetes takes 0-6, and Sunday is 0' },
    { given: '0 3 * * FRI-SUN', want: 'has "FRI-SUN" as day-of-week, which runs backwards; write 5-6,0' },
    { given: '*/0 * * * *', want: 'has "*/0" as minute, with the step 0; a step is 1 or more' },
    {
      given: '0 3 L * *',
      want: 'has "L" as day-of-month; it takes 1-31, *, lists (1,3), ranges (1-5) and steps (*/2)',
    },
    {
      given: '@reboot',
      want: 'is "@reboot"; Kubernetes takes @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and "@every 1h30m"',
    },
    {
      given: '@every 1d',
      want: 'has "1d" as its duration; write hours, minutes and seconds, as in "@every 1h30m"',
    },
    {
      given: 'TZ=Europe/Paris 0 3 * * *',
      want: 'names a time zone; put it into the field timezone and leave it out here',
    },
  ]
  for (const { given, want } of sentences)
    test(`${given} is refused with what would be right`, () => expect(checkSchedule(given)).toBe(want))
})

describe('next runs', () => {
  type Times = [start: number, ...runs: (number | null)[]]
  const rows = table<[text: string, timezone: string, ...chains: Times[]]>('nextruns')

  /** The runs from a start on, as many as wanted, in seconds. */
  const follow = (text: string, timezone: string, [start, ...runs]: Times): Times => {
    const times: Times = [start]
    for (let after: number | null = start; times.length <= runs.length && after !== null; times.push(after)) {
      const next = nextRun(text, timezone, new Date(after * 1000))
      after = next ? next.getTime() / 1000 : null
    }
    return times
  }

  for (const zone of new Set(rows.map(([, timezone]) => timezone)))
    test(`in ${zone} are those of Kubernetes`, () => {
      const wanted = rows.filter(([, timezone]) => timezone === zone)
      expect(wanted.length).toBeGreaterThan(30)
      for (const [text, , ...chains] of wanted)
        expect([text, chains.map((chain) => follow(text, zone, chain))]).toEqual([text, chains])
    })

  const cases = [
    {
      name: 'spring in New York skips 02:30',
      given: ['30 2 * * *', 'America/New_York', '2026-03-08T05:00:00Z'],
      want: '2026-03-09T06:30:00.000Z',
    },
    {
      name: 'autumn in New York has 01:30 twice',
      given: ['30 1 * * *', 'America/New_York', '2026-11-01T05:30:00Z'],
      want: '2026-11-01T06:30:00.000Z',
    },
    {
      name: '@every counts from the last run, whole seconds',
      given: ['@every 90m', 'UTC', '2026-01-01T00:00:00.700Z'],
      want: '2026-01-01T01:30:00.000Z',
    },
    { name: 'a day that never comes', given: ['0 0 31 2 *', 'UTC', '2026-01-01T00:00:00Z'], want: undefined },
    { name: 'a schedule that is none', given: ['0 0 * *', 'UTC', '2026-01-01T00:00:00Z'], want: undefined },
    { name: 'a zone that is none', given: ['0 0 * * *', 'EST5', '2026-01-01T00:00:00Z'], want: undefined },
  ] as const
  for (const { name, given, want } of cases)
    test(name, () => expect(nextRun(given[0], given[1], new Date(given[2]))?.toISOString()).toBe(want as string))
})

describe('time zones', () => {
  test('are accepted and refused as by the API server', () => {
    const rows = table<[name: string, accepted: boolean]>('timezones')
    expect(rows.map(([name]) => [name, checkTimezone(name) === undefined])).toEqual(rows)
    expect(rows.filter(([, accepted]) => accepted).length).toBeGreaterThan(500)
  })

  const cases = [
    { given: 'Asia/Calcutta', want: undefined },
    { given: 'EST', want: undefined },
    { given: 'EST5EDT', want: undefined },
    { given: 'Etc/GMT+5', want: undefined },
    { given: 'europe/paris', want: 'is "europe/paris"; time zones are spelled exactly, write Europe/Paris' },
    {
      given: '+02:00',
      want: 'is "+02:00", which is no time zone; write Etc/GMT-2, whose sign is reversed, or a place such as Europe/Paris',
    },
    {
      given: 'UTC-11',
      want: 'is "UTC-11", which is no time zone; write Etc/GMT+11, whose sign is reversed, or a place such as Europe/Paris',
    },
    { given: 'paris', want: 'is "paris", which is no time zone; did you mean Europe/Paris?' },
    { given: 'New York', want: 'is "New York", which is no time zone; did you mean America/New_York?' },
    { given: 'America/New York', want: 'is "America/New York", which is no time zone; did you mean America/New_York?' },
    { given: 'Europe/Pari', want: 'is "Europe/Pari", which is no time zone; did you mean Europe/Paris?' },
    ...['EST5', 'PST', 'UTC+99', ''].map((given) => ({
      given,
      want: `is "${given}", which is no time zone; write a name from the IANA database, such as Europe/Paris`,
    })),
  ]
  for (const { given, want } of cases) test(given, () => expect(checkTimezone(given)).toBe(want as string))
})
