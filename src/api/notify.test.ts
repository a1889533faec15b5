import { describe, expect, test } from 'bun:test'
import { agentJob } from './agentjob.ts'
import { validate } from './validate.ts'
import { withoutUser } from './withoutuser.ts'

const verdictOn = (notify: object) =>
  validate(agentJob, {
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: 'a' },
    spec: { runtimeRef: 'a', prompt: 'Go.', notify },
  }).errors.map(({ path, message }) => `${path}: ${message}`)

const LONGEST = `https://hooks.example.com/${'a'.repeat(2048 - 26)}`

describe('url', () => {
  test.each([
    'https://hooks.example.com',
    'https://hooks.example.com/',
    'https://Hooks.Example.com:8443/a/b?c=d&e=%20',
    'https://hooks.example.com?token=a@b',
    'http://receiver.ci.svc.cluster.local:8080/',
    'https://192.0.2.7/',
    'https://[2001:db8::7]:8443/',
  ])('%s', (url) => expect(verdictOn({ url })).toEqual([]))

  test('of 2048 characters at most', () => {
    expect(verdictOn({ url: LONGEST })).toEqual([])
    expect(verdictOn({ url: `${LONGEST}a` })).toEqual(['spec.notify.url: must have at most 2048 characters'])
  })

  test.each([
    'https://user@hooks.example.com/',
    'https://user:password@hooks.example.com/',
    'https://hooks.example.com#a',
    'https://hooks.example.com/#a',
    'https://hooks.example.com\\@other.example.com/',
    'https://hooks.example.com/\\other',
    'https://hooks.example.com /',
    'https://hooks.example.com/ a',
    'https://hooks.example.com/\n',
    'https://hooks.example.com/\t',
    'https://hooks.example.com/é',
    'https://hööks.example.com/',
    'https://hooks.example.com./',
    'https://-a.example.com/',
    'https://%6c%6fcalhost/',
    'https://[::g]/',
    'https:hooks.example.com',
    'https:///hooks.example.com',
    '//hooks.example.com',
    'hooks.example.com',
    'ftp://hooks.example.com',
    'file:///etc/passwd',
    'HTTPS://hooks.example.com',
    'https://',
    '',
  ])('not %p', (url) =>
    expect(verdictOn({ url })).toEqual([
      `spec.notify.url: must be a URL such as https://hooks.example.com/agentjob, without a user, a password and a fragment, not ${withoutUser(JSON.stringify(url))}`,
    ]),
  )

  test('whose password is wrong here is told without it', () =>
    expect(verdictOn({ url: 'https://me:hush@hooks.example.com/x' }).join()).not.toContain('hush'))

  // the first ones are 127.0.0.1 and 169.254.169.254 to whoever reads them as a browser does
  test.each([
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0xa9.254.0251.0376/',
    'https://1.2.3.256/',
    'https://[:::]/',
    'https://hooks.example.com:65536/',
  ])('not %s', (url) =>
    expect(verdictOn({ url })).toEqual([
      'spec.notify.url: must name a host, or an address as in 192.0.2.7 or [2001:db8::7], and a port below 65536',
    ]),
  )

  test('is required', () => expect(verdictOn({})).toEqual(['spec.notify.url: is required']))
})

describe('phases', () => {
  const verdictOnPhases = (phases: unknown) => verdictOn({ url: 'https://hooks.example.com', phases })

  test('some of those in which a run ends', () => {
    expect(verdictOnPhases(['Failed', 'TimedOut'])).toEqual([])
    expect(verdictOnPhases(['Succeeded', 'Failed', 'TimedOut', 'Stopped', 'Skipped'])).toEqual([])
  })

  const wrongs: { name: string; phases: unknown; wrong: string }[] = [
    { name: 'none', phases: [], wrong: 'phases: must not be empty' },
    {
      name: 'one in which it goes on',
      phases: ['Running'],
      wrong: 'phases[0]: must be Succeeded, Failed, TimedOut, Stopped or Skipped, not "Running"',
    },
    {
      name: 'one twice',
      phases: ['Failed', 'Failed'],
      wrong: 'phases[1]: Failed stands here twice; remove one of them',
    },
    {
      name: 'no list',
      phases: 'Failed',
      wrong: 'phases: must be a list of strings, not "Failed"; a list is written [a, b]',
    },
  ]
  for (const { name, phases, wrong } of wrongs)
    test(`not ${name}`, () => expect(verdictOnPhases(phases)).toEqual([`spec.notify.${wrong}`]))
})
