import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { crds, OPERATOR, webhookManifest } from '../../src/install/manifests.ts'
import { CERTIFICATE_SECRET } from '../../src/install/rights.ts'
import { WEBHOOK_CONFIGURATION } from '../../src/install/webhookconfiguration.ts'
import { down, loadImage, up } from '../cluster/cluster.ts'
import { echoImage } from '../cluster/echo.ts'
import { run } from '../cluster/exec.ts'
import { existingKubeconfig } from '../cluster/existing.ts'
import { step } from '../cluster/progress.ts'
import { packOperator } from './image.ts'
import { ROOT } from './layout.ts'
import { NAMESPACE, podManifests, tokenOf } from './manifests.ts'

/*
 * The operator as it is meant to run: its image, in pods that may do nothing, reached by the API server through its
 * Service. An existing cluster may have an operator, and no way to load an image: this one has a cluster of its own.
 */

const progress = (line: string) => console.error(`  ${line}`)
const cluster = existingKubeconfig() ? undefined : await up({ name: 'test-image', fresh: true, progress })
const folder = await mkdtemp(join(tmpdir(), 'operator-'))

const kubectl = (args: string[], input?: string) =>
  run(cluster!.bin.kubectl, args, { env: { KUBECONFIG: cluster!.kubeconfig }, input, timeout: 90_000 })
const apply = (...objects: object[]) =>
  kubectl(['apply', '--server-side', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'))
const inNamespace = (...args: string[]) => kubectl(['-n', NAMESPACE, ...args])
const rolledOut = () => inNamespace('rollout', 'status', `deployment/${OPERATOR}`, '--timeout=80s')

beforeAll(async () => {
  if (!cluster?.pods) return
  const tar = join(folder, 'agentjob.tar')
  await step(progress, 'image packed', () => packOperator(tar))
  await step(progress, 'images loaded', async () => {
    await loadImage(cluster, tar)
    await loadImage(cluster, (await echoImage(progress)).tar)
  })
  await apply(...crds())
  await kubectl(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=30s'])
  await apply(...podManifests())
  await step(progress, 'operator rolled out', rolledOut)
}, 300_000)
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  if (cluster) await down(cluster.name)
}, 60_000)

/** Applies until it is taken: the API server refuses for a moment, while it does not know our certificate yet. */
async function persistently(manifest: string): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      await kubectl(['apply', '-f', '-'], manifest)
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}

const example = (name: string) =>
  Bun.file(join(ROOT, 'examples', 'hello.yaml'))
    .text()
    .then((text) => text.replace('name: hello', `name: ${name}`))
const succeeded = (name: string) =>
  kubectl(['wait', `aj/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s'])

describe.skipIf(!cluster?.pods)('the operator in its pods', () => {
  test('is admitted where Pod Security is restricted, and is ready with a root file system that it cannot write to', async () => {
    const pods = JSON.parse(await inNamespace('get', 'pods', '-o', 'json')).items
    expect(pods).toHaveLength(2)
    for (const { spec, status } of pods) {
      expect(spec.containers[0].securityContext).toMatchObject({ readOnlyRootFilesystem: true })
      expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 })
    }
  })

  test('answers admission by its Service, with a certificate that it has made itself, and runs the first example', async () => {
    await apply(webhookManifest({ service: { namespace: NAMESPACE, name: OPERATOR } }))
    await persistently(await example('hello'))
    await succeeded('hello')
    const { spec, status, expansion } = JSON.parse(await kubectl(['get', 'aj', 'hello', '-o', 'json']))
    expect(spec.prompt).toContain('Say hello')
    expect(expansion.signature).toBeString()
    expect(status.result).toBe('Hello from a pod of my own.')
    const ca = await inNamespace('get', 'secret', CERTIFICATE_SECRET, '-o', 'jsonpath={.data.ca\\.crt}')
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}'
    expect(await kubectl(['get', 'mutatingwebhookconfiguration', WEBHOOK_CONFIGURATION, '-o', path])).toBe(ca)
  }, 120_000)

  test('its image has a command line too', async () => {
    const said = await inNamespace('exec', `deployment/${OPERATOR}`, '--', 'agentjob', 'crds')
    expect(said).toContain('kind: CustomResourceDefinition')
  }, 30_000)

  test('goes on with another token when the old one is void', async () => {
    const old = await newToken('first')
    await inNamespace('patch', `deployment/${OPERATOR}`, '--type=strategic', '-p', JSON.stringify(tokenOf('token')))
    await rolledOut()
    await newToken('second')
    // the kubelet looks at a pod's volumes when the pod changes, and else once a minute
    await inNamespace('annotate', 'pods', '--all', 'looked=at')
    await sleep(5_000)
    // with the object that it is bound to
    await inNamespace('delete', 'secret', 'first')
    await untilVoid(old)
    await persistently(await example('again'))
    await succeeded('again')
    for (const { status } of JSON.parse(await inNamespace('get', 'pods', '-o', 'json')).items)
      expect(status.containerStatuses[0]).toMatchObject({ ready: true, restartCount: 0 })
  }, 180_000)
})

/** Puts a new token of the operator's into the Secret "token", bound to a Secret of the given name. */
async function newToken(name: string): Promise<string> {
  await inNamespace('create', 'secret', 'generic', name)
  const bound = ['--bound-object-kind', 'Secret', '--bound-object-name', name]
  const token = (await inNamespace('create', 'token', OPERATOR, ...bound)).trim()
  const metadata = { namespace: NAMESPACE, name: 'token' }
  await apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token } })
  return token
}

/** Waits until the API server takes a token for nobody's; it remembers for ten seconds that it was good. */
async function untilVoid(token: string): Promise<void> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
  const deadline = Date.now() + 30_000
  for (;;) {
    const answer = await kubectl(['create', '-o', 'jsonpath={.status.authenticated}', '-f', '-'], stringify(review))
    if (answer !== 'true') return
    if (Date.now() > deadline) throw new Error('the old token is still good')
    await sleep(500)
  }
}
