import { describe, expect, test } from 'bun:test'
import { literals, serverName, stdioServer, variables } from './stdio.ts'

const PLAIN = { name: 'HOST', value: 'h' }
const SECRET = { name: 'TOKEN', variable: 'MCP_X_TOKEN' }

describe('stdioServer', () => {
  test('leaves a server without secrets as it is', () =>
    expect(stdioServer({ name: 'x', command: 'srv', args: ['-a'], env: [PLAIN] })).toEqual({
      command: 'srv',
      args: ['-a'],
      env: { HOST: 'h' },
      variables: [],
      errors: [],
    }))

  test('gives secrets their names in a shell, to which everything is an argument', () => {
    const { command, args, ...rest } = stdioServer({ name: 'x', command: 'srv', args: ['-a'], env: [PLAIN, SECRET] })
    expect([command, args[0], args.slice(2)]).toEqual(['sh', '-c', ['sh', 'TOKEN', 'MCP_X_TOKEN', '--', 'srv', '-a']])
    expect(rest).toEqual({ env: { HOST: 'h' }, variables: ['MCP_X_TOKEN'], errors: [] })
  })

  test('refuses a name that no shell can say', () =>
    expect(stdioServer({ name: 'x', command: 'srv', env: [{ name: 'a.b', variable: 'V' }] }).errors).toEqual([
      {
        path: 'spec.mcpServerRefs',
        message: 'McpServer "x" takes a.b from a Secret, which no shell can name; use letters, digits and "_"',
      },
    ]))
})

test('values and the names of variables, apart', () => {
  const list = [PLAIN, SECRET, { name: '__proto__', value: 'p' }]
  expect(Object.entries(literals(list))).toEqual([
    ['HOST', 'h'],
    ['__proto__', 'p'],
  ])
  expect(variables(list)).toEqual({ TOKEN: 'MCP_X_TOKEN' })
})

test('no two servers share a name', () => expect(['a.b', 'a-b', 'ab'].map(serverName)).toEqual(['a_b', 'a-b', 'ab']))
