import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { agentjob, kubectl, logOf, newNamespace, theWorld, untilPhase } from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)
const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'thurkube')

const example = async (namespace: string, ...files: string[]) => {
  const args = files.flatMap((file) => ['-f', join(EXAMPLES, file)])
  const { code, stderr } = await kubectl(['apply', '-n', namespace, ...args])
  expect(`${code} ${stderr}`).toBe('0 ')
}

withPods("thurkube's quick start works under our apiVersion: scheduled, run by hand, its file kept", async () => {
  const namespace = await newNamespace()
  await example(namespace, 'quickstart.yaml', 'secrets.yaml', 'summarize.yaml')
  const scheduled = await untilPhase(namespace, 'pr-fixer', 'Scheduled')
  expect(scheduled.status?.nextRunTime).toBeDefined()
  const rerun = () => agentjob(['rerun', 'pr-fixer', '-n', namespace, '--wait', '--timeout=60s'])
  expect((await rerun()).code).toBe(0)
  const { status } = await untilPhase(namespace, 'pr-fixer', 'Scheduled')
  expect(status?.runs?.[0]).toMatchObject({ phase: 'Succeeded', result: 'One pull request mended.' })
  const log = await logOf(namespace, status?.runs?.[0]?.jobName ?? '')
  for (const line of [
    'config        /etc/claude-code-job/agent.json',
    'tools         Bash, Read, Edit',
    'repository    website: example/website',
    'env CLAUDE_CODE_OAUTH_TOKEN set',
    'env GH_TOKEN set',
    'write /var/lib/claude-code-job/seen: ok',
  ])
    expect(log).toContain(line)
  const read = 'echo: read /var/lib/claude-code-job/seen'
  await kubectl([
    'patch',
    'aj',
    'pr-fixer',
    '-n',
    namespace,
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { prompt: read } }),
  ])
  expect((await rerun()).code).toBe(0)
  const after = await untilPhase(namespace, 'pr-fixer', 'Scheduled')
  expect(await logOf(namespace, after.status?.runs?.[0]?.jobName ?? '')).toContain('pull-request-7')
})

withPods("thurkube's one-shot runs once, now", async () => {
  const namespace = await newNamespace()
  await example(namespace, 'quickstart.yaml', 'secrets.yaml', 'summarize.yaml')
  const { status } = await untilPhase(namespace, 'summarize', 'Succeeded')
  expect(status?.result).toBe('Three issues, none of them urgent.')
})
