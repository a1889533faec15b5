import { describe, expect, test } from 'bun:test'
import { placed, renderFiles } from './files.ts'
import { agentJob } from './fixtures.ts'

function render(paths: Record<string, string>) {
  const own = placed(Object.entries(paths).map(([path, text]) => ({ path, text })))
  const files = renderFiles(
    agentJob(),
    own.map(({ file }) => file),
  )
  return { ...files, mounts: own.map(({ mount }) => mount) }
}

describe('renderFiles', () => {
  const names: { name: string; paths: string[]; want: string[] }[] = [
    { name: 'its own name', paths: ['/a/prompt.md', '/a/GEMINI.md'], want: ['prompt.md', 'GEMINI.md'] },
    { name: 'one name twice', paths: ['/a/x.md', '/b/x.md'], want: ['x.md', 'file-1'] },
    {
      name: 'names that are no keys, or those of other annotations',
      paths: ['/a/config-hash', '/a/.env', '/a/x.', '/日本.md', '/a/a b.md', `/${'x'.repeat(62)}.md`],
      want: ['file-0', 'file-1', 'file-2', 'file-3', 'file-4', 'file-5'],
    },
    {
      name: 'a name that another one would get',
      paths: ['/a/x', '/b/x', '/b/file-1.md'],
      want: ['file-0', 'file-1', 'file-1.md'],
    },
  ]
  for (const { name, paths, want } of names)
    test(`calls a file by ${name}`, () => {
      const { annotations, mounts, volume } = render(Object.fromEntries(paths.map((path) => [path, `text of ${path}`])))
      expect(annotations).toEqual(
        Object.fromEntries(want.map((key, index) => [`agentjob.io/${key}`, `text of ${paths[index]}`])),
      )
      expect(mounts.map(({ mountPath, subPath }) => [mountPath, subPath])).toEqual(
        want.map((key, index) => [paths[index] as string, key]),
      )
      const { items } = volume.downwardAPI as { items: { path: string; fieldRef: { fieldPath: string } }[] }
      expect(items).toEqual(
        want.map((key) => ({ path: key, fieldRef: { fieldPath: `metadata.annotations['agentjob.io/${key}']` } })),
      )
    })

  test('puts all of them into a ConfigMap where together they are larger than 32 KiB', () => {
    const half = 'ä'.repeat(8192)
    expect(render({ '/a.md': half, '/b.md': half }).config).toBeUndefined()
    const { annotations, config, volume } = render({ '/a.md': half, '/b.md': `${half}x` })
    expect(annotations).toEqual({})
    expect(config).toMatchObject({ kind: 'ConfigMap', immutable: true, data: { 'a.md': half, 'b.md': `${half}x` } })
    expect(volume).toEqual({ name: 'agent-config', configMap: { name: config?.metadata.name } })
    expect(render({ '/b.md': half, '/a.md': `${half}x` }).config?.metadata.name).not.toBe(
      config?.metadata.name as string,
    )
  })

  test('has the files of a folder below one path, with their modes', () => {
    const file = { key: 'context-0.0', path: 'context-0/a.md', text: 'A', mode: 0o440 }
    const fieldRef = { fieldPath: "metadata.annotations['agentjob.io/context-0.0']" }
    const small = renderFiles(agentJob(), [file])
    expect(small.volume.downwardAPI).toEqual({ items: [{ path: 'context-0/a.md', mode: 0o440, fieldRef }] })
    const large = renderFiles(agentJob(), [{ ...file, text: 'x'.repeat(40_000) }])
    expect(large.volume.configMap).toEqual({
      name: large.config?.metadata.name,
      items: [{ key: 'context-0.0', path: 'context-0/a.md', mode: 0o440 }],
    })
  })
})
