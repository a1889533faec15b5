import { afterAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import { PASSWORD, startFetchServer } from './fetching/server.ts'
import { agentJob, apply, echoRuntime, loaded, newNamespace, secret, theWorld, told, untilPhase } from './world.ts'

const { cluster } = await theWorld()
const image = await loaded(fetchImage)
const FILE = '{"openapi": "3.1.0"}\n'
const server = image ? await startFetchServer(cluster.hostAddress, FILE) : undefined
afterAll(() => server?.stop())
const withGit = test.concurrent.skipIf(!server)

const git = (path: string, members: object = {}) => ({
  type: 'Git',
  git: { repository: `${server?.url}${path}`, ...members },
})
const prompt = (lines: string[]) => lines.map((line) => `echo: ${line}`).join('\n')

withGit('a repository, a file of it at a tag, and one with a password', async () => {
  const namespace = await newNamespace()
  const { metadata, ...context } = { metadata: { name: 'docs' }, ...git('/docs.git') }
  await apply(namespace, [
    secret('git', PASSWORD),
    echoRuntime(),
    { apiVersion: 'agentjob.io/v1alpha1', kind: 'Context', metadata, spec: context },
    agentJob('informed', {
      prompt: prompt([
        'read /workspace/task.md',
        'read /workspace/contexts/docs/style.md',
        'read /workspace/contexts/docs/guides/a.md',
        'write /workspace/contexts/docs/new x',
        'read /etc/style.md',
        'read /private/a.md',
        'read /etc/git-secret/password',
        'env GITSYNC_USERNAME',
      ]),
      contexts: [
        { name: 'docs' },
        { ...git('/docs.git', { path: 'style.md', ref: 'v1', depth: 0 }), mountPath: '/etc/style.md' },
        { ...git('/private/docs.git', { path: 'guides', secretRef: { name: 'git' } }), mountPath: '/private' },
      ],
    }),
  ])
  const log = await told(namespace, 'informed')
  for (const line of [
    `<context name="docs" namespace="${namespace}" type="Git" path="/workspace/contexts/docs"/>`,
    'read /workspace/contexts/docs/style.md: ok\nBe brief.',
    'read /workspace/contexts/docs/guides/a.md: ok\nChapter A',
    'write /workspace/contexts/docs/new: open /workspace/contexts/docs/new: read-only file system',
    'read /etc/style.md: ok\nWrite plainly.',
    'read /private/a.md: ok\nChapter A',
    'read /etc/git-secret/password: open /etc/git-secret/password: no such file or directory',
    'env GITSYNC_USERNAME missing',
  ])
    expect(log).toContain(line)
})

withGit('a file at a URL, with its sum and its mode', async () => {
  const namespace = await newNamespace()
  const sha256 = createHash('sha256').update(FILE).digest('hex')
  const url = `${server?.url}/file`
  await apply(namespace, [
    echoRuntime(),
    agentJob('fetched', {
      prompt: prompt(['read /etc/openapi.json', 'stat /etc/openapi.json', 'write /etc/openapi.json x']),
      contexts: [{ type: 'Url', url: { url, sha256 }, mountPath: '/etc/openapi.json', fileMode: 0o440 }],
    }),
  ])
  const log = await told(namespace, 'fetched')
  expect(log).toContain(`read /etc/openapi.json: ok\n${FILE.trim()}`)
  expect(log).toContain('stat /etc/openapi.json: 0440')
  expect(log).toContain('write /etc/openapi.json: open /etc/openapi.json: permission denied')
})

const failures: { name: string; context: () => object; says: RegExp }[] = [
  {
    name: 'no-repository',
    context: () => ({ ...git('/absent.git'), mountPath: '/docs' }),
    says: /^a context could not be fetched: container context-0 exited with code \d+: .*repository .* not found/s,
  },
  {
    name: 'no-ref',
    context: () => ({ ...git('/docs.git', { ref: 'v9' }), mountPath: '/docs' }),
    says: /couldn't find remote ref v9/,
  },
  {
    name: 'no-password',
    context: () => ({ ...git('/private/docs.git'), mountPath: '/docs' }),
    says: /could not read Username|Authentication failed/,
  },
  {
    name: 'another-sum',
    context: () => ({
      ...{ type: 'Url', mountPath: '/file' },
      url: { url: `${server?.url}/file`, sha256: '0'.repeat(64) },
    }),
    says: /the SHA-256 sum of http.*\/file is [0-9a-f]{64}, not 0{64}/,
  },
]

for (const { name, context, says } of failures)
  withGit(`what cannot be fetched is named: ${name}`, async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob(name, { prompt: 'Go.', contexts: [context()] })])
    const { status } = await untilPhase(namespace, name, 'Failed')
    expect(status?.reason).toBe('ContextFailed')
    expect(status?.message).toMatch(says)
    expect(status?.conditions?.find(({ type }) => type === 'Failed')?.reason).toBe('ContextFailed')
  })

/** A shell in the place of Claude Code, which prints a result. */
const LOOKS = `cat > /dev/null
cd ~/.claude/skills
touch review/mine ../mine
printf '{"type":"result","session_id":"s","is_error":false,"result":"%s, %s"}' "$(cat review/SKILL.md)" "$(ls review review/scripts | tr '\\n' ' ')"`

withGit('a skill, where the program looks for it, and one that is not there', async () => {
  const namespace = await newNamespace()
  const object = (kind: string, name: string, spec: object) => ({
    ...{ apiVersion: 'agentjob.io/v1alpha1', kind },
    ...{ metadata: { name }, spec },
  })
  await apply(namespace, [
    object('AgentRuntime', 'claude', { image: FETCH_IMAGE, dialect: 'claude-code', command: ['sh', '-c', LOOKS] }),
    object('AgentSkill', 'review', { repo: `${server?.url}/docs.git`, name: 'review' }),
    object('AgentSkill', 'none', { repo: `${server?.url}/docs.git`, name: 'none' }),
    agentJob('skilled', { runtimeRef: 'claude', skillRef: 'review' }),
    agentJob('unskilled', { runtimeRef: 'claude', skillRefs: ['review', 'none'] }),
  ])
  const { status } = await untilPhase(namespace, 'skilled', 'Succeeded')
  expect(status?.result).toStartWith('How to review., ')
  for (const name of ['mine', 'SKILL.md', 'run.sh']) expect(status?.result).toContain(name)
  const { status: failed } = await untilPhase(namespace, 'unskilled', 'Failed')
  expect(failed).toMatchObject({ reason: 'SkillFailed' })
  expect(failed?.message).toContain('there is no skill none in the repository')
})
