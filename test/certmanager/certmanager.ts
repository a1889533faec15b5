import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { built, moduleVersion } from '../cluster/built.ts'
import type { ClusterHandle } from '../cluster/cluster.ts'
import { run } from '../cluster/exec.ts'
import type { Progress } from '../cluster/progress.ts'

const MODULE = 'github.com/cert-manager/cert-manager'

/** A running cert-manager. */
export interface CertManager {
  pid: number
  /** Path of its log. */
  log: string
  /** Ends it, and leaves its kinds and what it has issued. */
  stop(): Promise<void>
}

/**
 * Folder with cert-manager as one program, `certmanager`, and its CRDs, `crds/*.yaml`, in the version that go.mod asks
 * for; built the first time that somebody wants it. Refuses without Go.
 */
export async function certManager(progress: Progress): Promise<string> {
  const source = import.meta.dirname
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  return built(
    {
      name: `cert-manager ${await moduleVersion(join(source, 'go.mod'), MODULE)}`,
      takes: 'about 2 minutes',
      sources: ['go.mod', 'go.sum', 'main.go'].map((file) => join(source, file)),
      options: flags,
      build: async (to) => {
        await run('go', ['build', ...flags, '-o', `${to}/`, '.'], { cwd: source, env: { CGO_ENABLED: '0' } })
        const module = (await run('go', ['list', '-m', '-f', '{{.Dir}}', MODULE], { cwd: source })).trim()
        await copyYaml(join(module, 'deploy', 'crds'), join(to, 'crds'))
      },
    },
    progress,
  )
}

async function copyYaml(from: string, to: string): Promise<void> {
  await mkdir(to)
  const files = (await readdir(from)).filter((file) => file.endsWith('.yaml'))
  for (const file of files) await copyFile(join(from, file), join(to, file))
}

/**
 * Runs cert-manager against a cluster, as a process of this host: SelfSigned and CA issuers, and the injector of
 * caBundle. Applies its CRDs first and resolves when it runs; whoever starts it stops it.
 */
export async function startCertManager(cluster: ClusterHandle, progress: Progress): Promise<CertManager> {
  const folder = await certManager(progress)
  const kubectl = (...args: string[]) => run(cluster.bin.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args])
  const crds = join(folder, 'crds')
  // they are too long for the annotation of a client-side apply
  await kubectl('apply', '--server-side', '--force-conflicts', '-f', crds)
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', crds)
  const log = join(cluster.dir, 'cert-manager.log')
  const out = openSync(log, 'w')
  const program = join(folder, 'certmanager')
  const child = spawn(program, ['--kubeconfig', cluster.kubeconfig], { stdio: ['ignore', out, out] })
  closeSync(out)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`${signal ?? `exit ${code}`}`))
  })
  const early = await Promise.race([ended, new Promise<undefined>((resolve) => setTimeout(resolve, 500))])
  if (early) throw new Error(`cert-manager ended at once: ${early}\n${(await readFile(log, 'utf8')).slice(-2000)}`)
  return {
    pid: child.pid as number,
    log,
    async stop() {
      child.kill('SIGTERM')
      const last = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(last)
    },
  }
}
