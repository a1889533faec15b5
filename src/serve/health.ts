import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'

/** `/healthz` (the process answers), `/readyz` (it can do its work; 503 with the reason where not), `/metrics`. */
export function healthRoutes(o: { notReady(): string | undefined; registry: Registry }): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.text('ok'))
  app.get('/readyz', (c) => {
    const reason = o.notReady()
    return reason ? c.text(`${reason}\n`, 503) : c.text('ok')
  })
  app.get('/metrics', async (c) => c.body(await o.registry.metrics(), 200, { 'content-type': o.registry.contentType }))
  return app
}

/** Serves them as plain HTTP; port 0 is any that is free. Rejects when it is taken. */
export async function serveHealth({ fetch }: Hono, port: number): Promise<{ port: number; close(): void }> {
  // Bun.serve, under the webhook, takes no Response but the runtime's own
  const server = serve({ fetch, port, createServer, overrideGlobalObjects: false })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (server.listening) resolve()
    else server.once('listening', resolve)
  })
  const address = server.address()
  return { port: address && typeof address === 'object' ? address.port : port, close: () => server.close() }
}
