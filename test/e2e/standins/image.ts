import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { STANDINS } from '../../dialects/standins/standins.mjs'
import { machineImage, which } from '../machineimage.ts'

/** Holds the stand-ins under the names of the programs, where a vendor's image has them. */
export const STANDIN_IMAGE = 'ghcr.io/agentjob/standins:dev'

const FOLDER = join(import.meta.dirname, '..', '..', 'dialects', 'standins')
const SHELL = ['sh', 'cat', 'mkdir', 'dirname', 'tr', 'sed']

/** A docker-archive of it with this machine's Node and shell; undefined where the machine has not both. */
export function standInImage(): Promise<string | undefined> {
  const modules = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))
  return machineImage(
    {
      name: STANDIN_IMAGE,
      entrypoint: ['/bin/sh'],
      user: '65532:65532',
      files: [
        ...modules.map((name) => ({ path: `standins/${name}`, from: join(FOLDER, name) })),
        ...Object.keys(STANDINS).map((name) => ({
          path: `usr/bin/${name}`,
          from: join(import.meta.dirname, 'program.sh'),
        })),
      ],
    },
    [...SHELL, 'node'].map(which),
  )
}
