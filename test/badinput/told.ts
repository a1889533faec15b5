import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatFinding } from '../../src/api/finding.ts'
import { API_VERSION } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { readInput } from '../../src/cli/input.ts'
import { parseManifests } from '../../src/cli/manifests.ts'
import { reportOf } from '../../src/cli/report.ts'
import type { dryRuns } from './apiserver.ts'
import { RUNTIME } from './mistakes.ts'

/** What `agentjob validate` says of a manifest, which is written into a file of a folder, the AgentRuntime beside it. */
export async function toldByValidate(manifest: string, folder: string): Promise<string[]> {
  const [file, runtime] = [join(folder, 'given.yaml'), join(folder, 'runtime.yaml')]
  await Promise.all([writeFile(file, manifest), writeFile(runtime, RUNTIME)])
  const { findings } = reportOf(await readInput({ filename: [file, runtime], namespace: 'default' }))
  return findings.map((remark) => {
    const place = remark.file === file ? `${remark.line ?? 0}:${remark.column ?? 0}` : remark.file
    return `${place} ${remark.severity}: ${formatFinding(remark)}`
  })
}

/** What the API server says of it as kubectl sends it: each cause of the refusal, or its message, and every warning. */
export async function toldByApiServer(
  manifest: string,
  dryRun: Awaited<ReturnType<typeof dryRuns>>,
): Promise<string[]> {
  const told = await Promise.all(
    parseManifests('given', manifest).manifests.map(async ({ object }) => {
      // kubectl finds nowhere to send it to
      if (object.apiVersion !== API_VERSION || !kindOf(String(object.kind))) return []
      const { body, warnings } = await dryRun(String(object.kind), JSON.stringify(object), 'Strict')
      const { kind, message, details } = JSON.parse(body)
      const causes = (details?.causes ?? []) as { field?: string; message: string }[]
      const errors = causes.length
        ? causes.map(({ field = '', message }) => formatFinding({ path: field, message }))
        : [message]
      return [
        ...(kind === 'Status' ? errors.map((one) => `error: ${one}`) : []),
        ...warnings.map((one) => `warning: ${one}`),
      ]
    }),
  )
  return told.flat()
}
