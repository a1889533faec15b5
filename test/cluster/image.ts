import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

/** What an image consists of: its full name, a file system of the files named, and how its container starts. */
export interface ImageSpec {
  name: string
  entrypoint: string[]
  /** Arguments of the entrypoint where a pod gives none. */
  command?: string[]
  /** `NAME=value` each. */
  env?: string[]
  /** Numeric `uid:gid` that the container runs as; root where it is left out. */
  user?: string
  /** `path` is the file's place in the image, without a leading slash; `from` its place here. Executable unless said. */
  files: { path: string; from: string; mode?: number }[]
}

/**
 * Writes an image as a docker-archive (one layer, its configuration, manifest.json), as `ctr images import`,
 * `docker load` and `kind load image-archive` take it. The same input gives the same bytes.
 */
export async function pack(tar: string, image: ImageSpec): Promise<void> {
  const contents = await Promise.all(image.files.map((file) => readFile(file.from)))
  const layer = archive(image.files.map(({ path, mode = 0o755 }, i) => ({ path, mode, content: contents[i]! })))
  const config = json({
    architecture: { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.command,
      Env: image.env,
      User: image.user ?? '',
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'agentjob' }],
    created: '1970-01-01T00:00:00Z',
  })
  const configName = `${sha256(config)}.json`
  const layerName = `${sha256(layer)}.tar`
  const manifest = json([{ Config: configName, RepoTags: [image.name], Layers: [layerName] }])
  await writeFile(
    tar,
    archive([
      { path: layerName, mode: 0o644, content: layer },
      { path: configName, mode: 0o644, content: config },
      { path: 'manifest.json', mode: 0o644, content: manifest },
    ]),
  )
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** One file of an archive; `path` has at most 100 bytes. */
export interface Entry {
  path: string
  mode: number
  content: Uint8Array
}

/** A tar archive (POSIX ustar) of plain files that belong to root and are as old as the epoch. */
export function archive(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, mode, content }) => [
    header(path, mode, content.length),
    content,
    Buffer.alloc(-content.length & 511),
  ])
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function header(path: string, mode: number, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path}: a path in an image has at most 100 bytes`)
  const block = Buffer.alloc(512)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  block.write(path, 0)
  block.write(octal(mode, 7), 100)
  block.write(octal(0, 7), 108) // owner
  block.write(octal(0, 7), 116) // group
  block.write(octal(size, 11), 124)
  block.write(octal(0, 11), 136) // time
  block.write(' '.repeat(8), 148) // the checksum counts as spaces while it is summed up
  block.write('0', 156) // a plain file
  block.write('ustar\x0000', 257, 'latin1')
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  )
  return block
}
