import net, { type AddressInfo } from 'node:net'
import type { Connection } from '../../src/kube/connection.ts'

/** A TCP proxy before an API server that can cut every connection and refuse new ones, as a restart does. */
export async function cuttable(connection: Connection) {
  const { hostname, port } = new URL(connection.server)
  const sockets = new Set<net.Socket>()
  const keep = (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  let refusing = false
  const server = net.createServer((near) => {
    keep(near)
    if (refusing) return void near.resetAndDestroy()
    const far = net.connect(Number(port || 443), hostname)
    keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    connection: {
      ...connection,
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      // The certificate is the server's, not the proxy's.
      requestOptions: async () => ({ ...(await connection.requestOptions()), servername: 'kubernetes.default.svc' }),
    },
    cut(refuse: boolean) {
      refusing = refuse
      for (const socket of sockets) socket.resetAndDestroy()
    },
    allow() {
      refusing = false
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
