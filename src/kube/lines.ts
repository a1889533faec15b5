const NEWLINE = 10

/**
 * Cuts a stream of bytes into lines, without their newline; what follows the last newline is dropped. Looks for the byte
 * only, which never occurs inside a UTF-8 sequence, and decodes whole lines, so chunks may end anywhere.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let pending: Buffer[] = []
  for await (const bytes of chunks) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end)
      yield pending.length === 0 ? line.toString() : Buffer.concat([...pending, line]).toString()
      pending = []
      start = end + 1
    }
    if (start < chunk.length) pending.push(chunk.subarray(start))
  }
}
