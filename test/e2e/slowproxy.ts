import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Passes connections on to a server, and can keep its answers back. */
export interface SlowProxy {
  /** URL under which the server is reached through it. */
  url: string
  /** From now on nothing of what the server says arrives; connections stay open. */
  hold(): void
  /** All of it arrives now. */
  release(): void
  close(): void
}

/** Listens on an address in front of an https server. */
export async function startSlowProxy(address: string, target: string): Promise<SlowProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let held = false
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) })
    sockets.add(upstream)
    client.pipe(upstream)
    upstream.pipe(client)
    if (held) upstream.unpipe().pause()
    upstream.on('resumed', () => upstream.pipe(client))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        sockets.delete(upstream)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return {
    url: `https://${address}:${(server.address() as AddressInfo).port}`,
    hold() {
      held = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    release() {
      held = false
      for (const socket of sockets) socket.emit('resumed')
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
