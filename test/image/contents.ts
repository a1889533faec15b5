import { join } from 'node:path'
import { version } from '../../package.json' with { type: 'json' }

/** Full name of the operator's image, with the version of this checkout. */
export const NAME = `ghcr.io/agentjob/agentjob:${version}`

/** A file of the image: its place there, without a leading slash, and its permissions. */
export interface ImageFile {
  path: string
  mode: number
}

const DOC = 'usr/share/doc/agentjob'

/** The program: webhook, controller and command line, with the runtime that it needs. */
export const PROGRAM: ImageFile = { path: 'usr/local/bin/agentjob', mode: 0o755 }
export const LICENSE: ImageFile = { path: `${DOC}/LICENSE`, mode: 0o644 }
/** The licences of what is bundled into the program. */
export const NOTICES: ImageFile = { path: `${DOC}/THIRD-PARTY-LICENSES`, mode: 0o644 }
/** CycloneDX, JSON. */
export const SBOM: ImageFile = { path: `${DOC}/sbom.cdx.json`, mode: 0o644 }

/**
 * Everything that the image holds beside the C library: what `npm run image` packs, and what the Dockerfile copies
 * (a test compares the two).
 */
export const FILES = [PROGRAM, LICENSE, NOTICES, SBOM]

/** How its container starts; the Dockerfile says the same. */
export const START = {
  entrypoint: [join('/', PROGRAM.path)],
  command: ['serve'],
  // JavaScriptCore, which grows its heap by what it takes for the machine's memory, collects earlier then
  env: ['BUN_JSC_forceRAMSize=67108864'],
  user: '65532:65532',
}
