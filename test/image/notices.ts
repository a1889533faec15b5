import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './layout.ts'

interface Lock {
  packages: Record<string, { version?: string; dev?: boolean; devOptional?: boolean; license?: string }>
}

/** The licences of everything that package-lock.json lets into the program, as their packages spell them out. */
export async function notices(): Promise<string> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  const bundled = Object.entries(packages).filter(([path, { dev, devOptional }]) => path && !dev && !devOptional)
  const entries = await Promise.all(
    bundled.map(async ([path, { version, license = 'no licence named' }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return `${name} ${version} (${license})\n\n${await licenseOf(join(ROOT, path))}`
    }),
  )
  const bun = packages['node_modules/bun']
  const runtime = `bun ${bun?.version} (${bun?.license})\n\nWhat Bun itself links to: https://bun.sh/docs/project/license\n`
  return [...entries, runtime].join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenseOf(folder: string): Promise<string> {
  const files = await readdir(folder).catch(() => [])
  const texts = files.filter((file) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(file)).sort()
  const found = await Promise.all(texts.map((file) => readFile(join(folder, file), 'utf8')))
  return found.length
    ? found.map((text) => `${text.trim()}\n`).join('\n')
    : 'Its package has no file with the licence.\n'
}
