import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a Service is for the webhook's replicas: connections go to one after the other of those that are ready. */
export interface Balancer {
  /** Where the API server finds the webhook. */
  url: string
  /** A replica has become ready at a URL, or is not any more (undefined); connections that it has stay. */
  set(replica: string, url: string | undefined): void
  close(): void
}

/** Listens on an address of this host. Who finds no replica ready is reset. */
export async function startBalancer(address: string): Promise<Balancer> {
  const ports = new Map<string, number>()
  const sockets = new Set<Socket>()
  let turn = 0
  const relay = (client: Socket, attempts: number) => {
    const all = [...ports.values()]
    const port = all[turn++ % Math.max(1, all.length)]
    if (port === undefined || attempts === 0) return void client.resetAndDestroy()
    const replica = connect({ host: address, port })
    sockets.add(replica)
    let connected = false
    replica.on('connect', () => {
      connected = true
      client.pipe(replica).pipe(client)
    })
    replica.on('error', () => (connected ? client.resetAndDestroy() : relay(client, attempts - 1)))
    replica.on('close', () => {
      sockets.delete(replica)
      if (connected) client.destroy()
    })
    client.on('close', () => replica.destroy())
  }
  const server = createServer((client) => {
    sockets.add(client)
    client.setNoDelay(true)
    client.on('error', () => {})
    client.on('close', () => sockets.delete(client))
    relay(client, ports.size)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return {
    url: `https://${address}:${(server.address() as AddressInfo).port}/mutate`,
    set(replica, url) {
      if (url) ports.set(replica, Number(new URL(url).port))
      else ports.delete(replica)
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
