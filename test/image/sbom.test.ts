import { expect, test } from 'bun:test'
import { version } from '../../node_modules/bun/package.json' with { type: 'json' }
import { dependencies, devDependencies } from '../../package.json' with { type: 'json' }
import { notices } from './notices.ts'
import { sbom } from './sbom.ts'

const document = await sbom()
const names = document.components.map(({ name }) => name)

test('the bill of materials has every dependency in its version, and Bun', () => {
  const versions = Object.fromEntries(document.components.map(({ name, version }) => [name, version]))
  expect(versions).toMatchObject({ ...dependencies, bun: version })
})

test('it has what a dependency depends on, and no tool for development', () => {
  expect(names).toContain('asn1js') // of @peculiar/x509
  for (const name of Object.keys(devDependencies).filter((name) => name !== 'bun')) expect(names).not.toContain(name)
})

test('it is about agentjob, is CycloneDX, and says of each component under which licence it is', () => {
  expect(document).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'agentjob' } } })
  expect(document.components.filter(({ licenses }) => !licenses?.length).map(({ name }) => name)).toEqual([])
})

test('its references lead to components', () => {
  const own = document.metadata.component['bom-ref'] as string
  const known = new Set([own, ...document.components.map((component) => component['bom-ref'])])
  expect(document.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual([])
  expect(document.dependencies.find(({ ref }) => ref === own)?.dependsOn).toContain(`bun@${version}`)
})

test('the same lock file gives the same document, wherever it lies', async () => {
  expect(await sbom()).toEqual(document)
  expect(JSON.stringify(document)).not.toMatch(/timestamp|serialNumber|https?:\/\/[^"]*\.tgz/)
})

test('every component has its licence among the notices', async () => {
  const text = await notices()
  for (const { name, version } of document.components) expect(text).toContain(`${name} ${version} (`)
})
