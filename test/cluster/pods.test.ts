import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { down, up } from './cluster.ts'
import { echoImage } from './echo.ts'
import { run } from './exec.ts'
import { existingKubeconfig } from './existing.ts'

// An existing cluster's pods are its owner's affair.
const cluster = existingKubeconfig() ? undefined : await up({ name: 'test-pods', progress: console.error })
const image = cluster?.pods ? await echoImage(console.error) : undefined
const load = (tar: string, name = 'test-pods') =>
  run(join(import.meta.dirname, '..', '..', 'bin', 'agentjob'), ['cluster', 'load', tar, '--name', name])
if (image) await load(image.tar)
afterAll(() => (cluster ? down(cluster.name) : undefined), 60_000)

const kubectl = (args: string[], input?: string) =>
  run(cluster!.bin.kubectl, args, { env: { KUBECONFIG: cluster!.kubeconfig }, input, timeout: 60_000 })

/** A pod as strict as Pod Security knows, which reads what it is told in its annotation. */
function pod(name: string, changes: Record<string, unknown> = {}, container = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'agent',
          image: image!.name,
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            { name: 'config', mountPath: '/etc/agentjob/agent.json', subPath: 'agent.json' },
            { name: 'data', mountPath: '/data' },
          ],
          ...container,
        },
      ],
      volumes: [
        {
          name: 'config',
          downwardAPI: {
            items: [{ path: 'agent.json', fieldRef: { fieldPath: "metadata.annotations['agent.json']" } }],
          },
        },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      ],
      ...changes,
    },
  }
}

/** Runs a pod to its end and gives its log and its container's last state. */
async function runPod(name: string, directives: string[], changes: Record<string, unknown> = {}, container = {}) {
  const annotations = { 'agent.json': JSON.stringify({ prompt: directives.join('\n') }) }
  const object = { ...pod(name, changes, container), metadata: { name, annotations } }
  await kubectl(['create', '-f', '-'], JSON.stringify(object))
  await kubectl([
    'wait',
    `pod/${name}`,
    '--for=jsonpath={.status.containerStatuses[0].state.terminated}',
    '--timeout=50s',
  ])
  const log = await kubectl(['logs', name])
  const state = JSON.parse(await kubectl(['get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].state}']))
  return { log, ...(state.terminated as { exitCode: number; reason: string; message: string }) }
}

describe.skipIf(!cluster?.pods)('a pod', () => {
  test('runs the image that the command line has loaded, and nothing else is loaded', async () => {
    expect(await load(image!.tar)).toBe(`loaded into cluster test-pods: ${image!.tar}\n`)
    await expect(load('nowhere.tar')).rejects.toThrow('there is no file nowhere.tar')
    await expect(load(import.meta.filename)).rejects.toThrow('invalid tar header')
    await expect(load(image!.tar, 'not-there')).rejects.toThrow('cluster not-there is not up')
  })

  test('without any privilege writes to its claim, nowhere else, and leaves a result', async () => {
    await kubectl(['label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted'])
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    const metadata = { name: 'data' }
    const manifest = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: claim }
    await kubectl(['create', '-f', '-'], JSON.stringify(manifest))
    const directives = ['write /data/f kept', 'read /data/f', 'write /f lost', 'api', 'result all good']
    const ended = await runPod(
      'hardened',
      directives.map((directive) => `echo: ${directive}`),
    )
    expect(ended).toMatchObject({ exitCode: 0, reason: 'Completed', message: 'all good' })
    expect(ended.log).toContain('uid 65532')
    expect(ended.log).toContain('read /data/f: ok\nkept\n')
    expect(ended.log).toContain('write /f: open /f: read-only file system')
    expect(ended.log).toContain('api: no token mounted')
    await kubectl(['wait', 'pod/hardened', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=10s'])
  }, 90_000)

  test('finds what an earlier one wrote', async () => {
    expect((await runPod('second', ['echo: read /data/f'])).log).toContain('kept')
  }, 90_000)

  test('reaches the API server with the token of its service account', async () => {
    const ended = await runPod('token', ['echo: api', 'echo: api /api/v1/secrets'], {
      automountServiceAccountToken: true,
    })
    expect(ended.log).toContain('api: token mounted, GET /version: 200 OK')
    expect(ended.log).toContain('api: token mounted, GET /api/v1/secrets: 403 Forbidden')
  }, 90_000)

  test("finds another one by its Service's name, and reaches it by the Service's address", async () => {
    const labels = { app: 'server' }
    const annotations = { 'agent.json': JSON.stringify({ prompt: 'echo: serve 8080 hello from the other pod' }) }
    const server = pod('server', {}, { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } })
    const service = { selector: labels, ports: [{ port: 80, targetPort: 8080 }] }
    const objects = [
      { ...server, metadata: { name: 'server', labels, annotations } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'greeter' }, spec: service },
    ]
    for (const object of objects) await kubectl(['create', '-f', '-'], JSON.stringify(object))
    await kubectl(['wait', 'pod/server', '--for=condition=Ready', '--timeout=30s'])
    const address = await kubectl(['get', 'service', 'greeter', '-o', 'jsonpath={.spec.clusterIP}'])
    const urls = [
      'http://greeter',
      'http://greeter.default.svc',
      `http://${address}`,
      'http://nobody.default.svc.cluster.local.',
    ]
    const { log } = await runPod(
      'client',
      urls.map((url) => `echo: get ${url}`),
    )
    for (const url of urls.slice(0, 3)) expect(log).toContain(`get ${url}: 200 OK\nhello from the other pod\n`)
    expect(log).toMatch(/get http:\/\/nobody\.default\.svc\.cluster\.local\.: .*no such host/)
    await kubectl(['delete', 'pods', 'server', 'client', '--now'])
  }, 90_000)

  test('fails with the exit code that it is told', async () => {
    expect(await runPod('exit', ['echo: exit 3'])).toMatchObject({ exitCode: 3, message: 'exit 3 as told' })
  }, 90_000)

  test('keeps log and result when its deadline passes', async () => {
    const ended = await runPod('late', ['echo: result half', 'echo: sleep 10m'], { activeDeadlineSeconds: 2 })
    expect(ended).toMatchObject({ exitCode: 143, message: 'half\ninterrupted' })
    expect(ended.log).toContain('sleeping 10m')
  }, 90_000)

  test('is killed when it takes more memory than it may', async () => {
    const ended = await runPod('oom', ['echo: oom'], {}, { resources: { limits: { memory: '64Mi' } } })
    expect(ended).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  }, 90_000)

  test("'s claim grows, and its folder is removed with it", async () => {
    const size = { spec: { resources: { requests: { storage: '2Gi' } } } }
    await kubectl(['patch', 'pvc', 'data', '--type=merge', '-p', JSON.stringify(size)])
    await kubectl(['wait', 'pvc/data', '--for=jsonpath={.status.capacity.storage}=2Gi', '--timeout=20s'])
    await kubectl(['delete', 'pods', '--all', '--now'])
    await kubectl(['delete', 'pvc', 'data'])
    await kubectl(['wait', 'pv', '--all', '--for=delete', '--timeout=20s'])
    expect(await run('ls', [`${cluster!.dir}/volumes`])).toBe('')
  }, 90_000)
})
