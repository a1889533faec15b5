import { expect, test } from 'bun:test'
import { commandFirst } from './arguments.ts'

const cases: { name: string; given: string[]; want: string[] }[] = [
  { name: 'a command first stays', given: ['get', '-n', 'team'], want: ['get', '-n', 'team'] },
  { name: 'an option with its value', given: ['-n', 'get', 'get', 'x'], want: ['get', '-n', 'get', 'x'] },
  { name: 'an option with = and a flag', given: ['--context=a', '-A', 'get'], want: ['get', '--context=a', '-A'] },
  { name: 'only options', given: ['--help'], want: ['--help'] },
  { name: 'nothing', given: [], want: [] },
  { name: 'a value that is missing', given: ['-n'], want: ['-n'] },
  { name: 'after --', given: ['--', 'get'], want: ['--', 'get'] },
]

test.each(cases)('$name', ({ given, want }) => {
  expect(commandFirst(given)).toEqual(want)
})
