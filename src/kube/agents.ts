import http from 'node:http'
import https from 'node:https'

/** The API server keeps idle connections for 90 s, load balancers for 60 s; whoever closes first must be us. */
const KEEP_IDLE_MS = 45_000
/** Deno sends a request again by itself when its kept-alive connection was closed, also a POST; so those get no such. */
const RUNTIME_REPEATS = 'Deno' in globalThis

/** The pools of connections to one server: kept-alive ones for requests, single ones for streams. */
export function createAgents(server: URL, maxSockets: number) {
  const { Agent } = server.protocol === 'http:' ? http : https
  const plain = new Agent({ keepAlive: true, maxSockets, timeout: KEEP_IDLE_MS })
  const streams = new Agent({ keepAlive: false })
  return {
    of: (r: { method: string; streamed?: boolean }) =>
      r.streamed || (RUNTIME_REPEATS && r.method !== 'GET') ? streams : plain,
    close() {
      plain.destroy()
      streams.destroy()
    },
  }
}
