import { createReadStream } from 'node:fs'

/** The most bytes of one source: an object can have 1.5 MB, and parsing takes a hundred times the memory of the text. */
const MAX_BYTES = 8 * 1024 * 1024

/** How long it takes until somebody wonders why nothing happens. */
const PATIENCE_MS = 1000

/**
 * The bytes of a file, of a pipe until its other end is closed, or of standard input (`-`), 8 MB at most. Rejects where
 * there are more, or none; reasonOf() says why.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const waiting = setTimeout(
    () => process.stderr.write(`waiting for input from ${path === '-' ? 'standard input' : path} …\n`),
    PATIENCE_MS,
  )
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      clearTimeout(waiting)
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES / 1024 / 1024} MB; split it`)
    }
  } finally {
    clearTimeout(waiting)
  }
  return Buffer.concat(chunks)
}

const REASONS: Record<string, string> = {
  EACCES: 'may not be read by you',
  ELOOP: 'is a link that leads back to itself',
  ENOENT: 'is a link to a file that does not exist',
  ENXIO: 'is a socket, which holds no file',
}

/** Why a file cannot be read, in a sentence without its subject. */
export const reasonOf = (error: NodeJS.ErrnoException): string => {
  if (error.code === undefined) return error.message
  return REASONS[error.code] ?? `cannot be read: ${error.message}`
}
