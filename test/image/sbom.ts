import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../cluster/exec.ts'
import { ROOT } from './layout.ts'

/** The part of a CycloneDX document that is read or written here. */
export interface Sbom {
  bomFormat: string
  specVersion: string
  serialNumber?: string
  metadata: { timestamp?: string; component: { name: string; [field: string]: unknown }; [field: string]: unknown }
  components: SbomComponent[]
  dependencies: { ref: string; dependsOn: string[] }[]
}

export interface SbomComponent {
  'bom-ref': string
  type: string
  name: string
  version: string
  purl: string
  licenses?: { license?: { id?: string }; expression?: string }[]
  [field: string]: unknown
}

/**
 * The bill of materials of the image, CycloneDX: what package-lock.json says is bundled, and Bun. The same lock file gives
 * the same document, so it has neither a time nor a serial number.
 */
export async function sbom(): Promise<Sbom> {
  const options = ['--package-lock-only', '--omit', 'dev', '--sbom-format', 'cyclonedx', '--sbom-type', 'application']
  const document = JSON.parse(await run('npm', ['sbom', ...options], { cwd: ROOT })) as Sbom
  const { serialNumber: _, ...rest } = document
  const { timestamp: __, component, ...metadata } = document.metadata
  const bun = await bunComponent()
  const own = component['bom-ref']
  return {
    ...rest,
    // npm calls it after the folder that it lies in
    metadata: { ...metadata, component: { ...component, name: 'agentjob' } },
    components: [...document.components, bun],
    dependencies: document.dependencies.map((one) =>
      one.ref === own ? { ...one, dependsOn: [...one.dependsOn, bun['bom-ref']] } : one,
    ),
  }
}

/** The runtime that the program is compiled into; to npm a tool for development. */
async function bunComponent(): Promise<SbomComponent> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'node_modules', 'bun', 'package.json'), 'utf8'))
  return {
    'bom-ref': `bun@${version}`,
    type: 'platform',
    name: 'bun',
    version,
    purl: `pkg:npm/bun@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  }
}
