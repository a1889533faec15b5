import { expect, test } from 'bun:test'
import type { View } from '../dialects/standins/standins.mjs'
import { NASTY, SECRETS } from '../dialects/tasks.ts'
import { unwrapped } from '../dialects/understood.ts'
import { PROGRAMS } from '../programs/programs.ts'
import { STANDIN_IMAGE, standInImage } from './standins/image.ts'
import { agentJob, apply, loaded, newNamespace, secret, untilPhase } from './world.ts'

// Stand-ins under the programs' names, in an image without a wrapper: they end with 64 where what they are given is not
// as the programs' documentation has it. The programs themselves run in test/programs.

const image = await loaded(standInImage)
const withImage = test.concurrent.skipIf(!image)

const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
})
const ofSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'mcp', key } } })

const around = (allowedTools: string[]) => [
  secret('mcp', { token: SECRETS.MCP_GIT_HUB_GITHUB_TOKEN, authorization: SECRETS.MCP_REMOTE_AUTHORIZATION }),
  object('AgentRole', 'tools', { allowedTools }),
  object('McpServer', 'git.hub', {
    command: 'github-mcp',
    args: ['$HOME ${HOME} {env:HOME} "q"'],
    env: [
      { name: 'PLAIN', value: 'x {env:HOME} "q" é' },
      { name: 'GITHUB_TOKEN', ...ofSecret('token') },
    ],
  }),
  object('McpServer', 'remote', {
    url: 'https://mcp.example.com/mcp',
    headers: [
      { name: 'X-Team', value: 'web {env:HOME}' },
      { name: 'Authorization', ...ofSecret('authorization') },
    ],
  }),
]

for (const { name, dialect, model, env, allowedTools } of PROGRAMS)
  withImage(`${dialect}: its image runs as it is, and is told everything`, async () => {
    const namespace = await newNamespace()
    const variables = Object.entries(env('http://127.0.0.1:1')).map(([name, value]) => ({ name, value }))
    await apply(namespace, [
      ...around(allowedTools),
      object('AgentRuntime', name, { image: STANDIN_IMAGE, imagePullPolicy: 'IfNotPresent', dialect, env: variables }),
      agentJob('task', {
        ...{ runtimeRef: name, roleRef: 'tools', mcpServerRefs: ['git.hub', 'remote'] },
        ...{ prompt: NASTY, instructions: `Be brief. ${NASTY}`, model },
      }),
      agentJob('fails', { runtimeRef: name, prompt: 'stand-in: fail' }),
    ])
    const { status } = await untilPhase(namespace, 'task', 'Succeeded')
    const view = JSON.parse(status?.result ?? 'null') as View
    expect(view).toMatchObject({ prompt: NASTY, instructions: `Be brief. ${NASTY}`, model })
    const [local, remote] = Object.values(view.servers).map((one) => unwrapped(one, SECRETS))
    expect(remote).toMatchObject({ url: 'https://mcp.example.com/mcp' })
    expect(local).toMatchObject({ command: 'github-mcp', args: ['$HOME ${HOME} {env:HOME} "q"'] })
    expect(status?.usage).toMatchObject({ outputTokens: 7 })
    const failed = await untilPhase(namespace, 'fails', 'Failed')
    expect(failed.status?.message).toContain('the model has failed')
  })
