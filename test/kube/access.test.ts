import { expect, test } from 'bun:test'
import { type AccessAttributes, reviewAccess, type UserInfo } from '../../src/kube/access.ts'
import { connectClient, withApiServer } from './apiserver.ts'

withApiServer('reviewAccess', () => {
  const cases: { name: string; given: [UserInfo, AccessAttributes]; want: object }[] = [
    {
      name: 'an administrator may, and the reason says why',
      given: [
        { username: 'alice', groups: ['system:masters'] },
        { verb: 'create', group: 'batch', resource: 'jobs', namespace: 'default' },
      ],
      want: { allowed: true },
    },
    {
      name: 'a nobody may not',
      given: [
        { username: 'bob', extra: { scopes: ['a'] } },
        { verb: 'get', group: '', resource: 'secrets', subresource: 'x', name: 'a', namespace: 'default' },
      ],
      want: { allowed: false },
    },
    {
      name: 'a path',
      given: [
        { username: 'bob', groups: ['system:authenticated'] },
        { verb: 'get', path: '/version' },
      ],
      // several bindings let everybody in; any of them may be named
      want: { allowed: true, reason: expect.stringContaining('ClusterRoleBinding') },
    },
  ]
  for (const { name, given, want } of cases) {
    test(name, async () => {
      const client = connectClient()
      expect(await reviewAccess(client, ...given)).toMatchObject(want)
      client.transport.close()
    })
  }
})
