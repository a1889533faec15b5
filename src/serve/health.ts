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
