import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './testing/run.ts'

/* What kubectl is called with, where a cluster has one AgentJob with a pod, and one without. */

/** Three processes, on whatever machine. */
const SLOW = 30_000

const job = (name: string) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name, namespace: 'team', creationTimestamp: '2026-11-21T12:00:00Z' },
  spec: { runtimeRef: 'echo', prompt: 'x' },
  status: { phase: name === 'hello' ? 'Running' : 'Succeeded' },
})

const pod = {
  metadata: {
    name: 'hello-1-x',
    creationTimestamp: '2026-11-21T12:00:01Z',
    labels: { 'batch.kubernetes.io/job-name': 'hello-1' },
  },
  status: { containerStatuses: [{ name: 'agent', state: { running: {} } }] },
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const found = /^\/apis\/agentjob\.io\/v1alpha1\/namespaces\/team\/agentjobs\/(hello|over)$/.exec(pathname)
    if (found) return Response.json(job(found[1] as string))
    if (pathname.endsWith('/agentjobs')) return Response.json({ metadata: {}, items: [job('hello')] })
    if (pathname === '/api/v1/namespaces/team/pods')
      return Response.json({
        metadata: {},
        items: searchParams.get('labelSelector') === 'agentjob.io/agentjob=hello' ? [pod] : [],
      })
    return Response.json({ kind: 'Status', reason: 'NotFound', message: 'no', code: 404 }, { status: 404 })
  },
})

let folder: string
let env: Record<string, string>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-attach-'))
  const kubeconfig = {
    'current-context': 'one',
    contexts: ['one', 'two'].map((name) => ({ name, context: { cluster: 'c', user: 'u', namespace: 'team' } })),
    clusters: [{ name: 'c', cluster: { server: server.url.href } }],
    users: [{ name: 'u', user: {} }],
  }
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig))
  const kubectl = '#!/bin/sh\nprintf "<%s>" "$@"\ncat\nexit 7\n'
  await writeFile(join(folder, 'kubectl'), kubectl, { mode: 0o755 })
  env = { KUBECONFIG: join(folder, 'kubeconfig'), PATH: `${folder}:/usr/bin:/bin` }
})
afterAll(async () => {
  await server.stop(true)
  await rm(folder, { recursive: true, force: true })
})

test(
  'runs kubectl exec with a shell, says so, and ends as it does',
  async () => {
    const { stdout, stderr, exitCode } = await run(['attach', 'aj/hello'], { env, stdin: 'typed' })
    expect(stderr).toBe('kubectl exec -n team -i hello-1-x -c agent -- sh\n')
    expect(stdout).toBe('<exec><-n><team><-i><hello-1-x><-c><agent><--><sh>typed')
    expect(exitCode).toBe(7)
  },
  SLOW,
)

test(
  'with the options of the cluster, and another command',
  async () => {
    const options = ['--context', 'two', '--kubeconfig', env.KUBECONFIG as string, '--as', 'alice']
    const { stdout, stderr } = await run(['attach', 'hello', ...options, '--', 'sh', '-c', "echo '$HOME' | cat"], {
      env,
    })
    expect(stdout).toStartWith(`<exec><-n><team>${options.map((word) => `<${word}>`).join('')}<-i><hello-1-x>`)
    expect(stdout).toEndWith("<--><sh><-c><echo '$HOME' | cat>")
    expect(stderr).toEndWith("-- sh -c 'echo '\\''$HOME'\\'' | cat'\n")
  },
  SLOW,
)

test(
  'says what to do where nothing runs, or kubectl is not there',
  async () => {
    const over = await run(['attach', 'over'], { env })
    expect(over).toMatchObject({ stdout: '', exitCode: 4 })
    expect(over.stderr).toStartWith('error: nothing of over is running: Succeeded; set spec.humanInTheLoop.enabled')
    const hallo = await run(['attach', 'hallo'], { env })
    expect(hallo).toMatchObject({ stderr: expect.stringContaining('did you mean hello?'), exitCode: 4 })
    const without = await run(['attach', 'hello'], { env: { ...env, PATH: '/nonexistent' } })
    expect(without.exitCode).toBe(2)
    expect(without.stderr).toEndWith('error: there is no program kubectl to attach with; install it\n')
  },
  SLOW,
)
