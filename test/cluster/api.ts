import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'

/** Answer of the API server: HTTP status and body. */
export interface Answer {
  status: number
  body: string
}

/** Gives a function that GETs a path from the cluster in `folder` as its administrator, within 5 s. */
export async function administrator(folder: string, server: string): Promise<(path: string) => Promise<Answer>> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(join(folder, 'pki', file))),
  )
  return (path) =>
    new Promise((resolve, reject) => {
      const sent = request(`${server}${path}`, { ca, cert, key, agent: false, timeout: 5_000 }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        response.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error('no answer within 5 s')))
      sent.on('error', reject)
      sent.end()
    })
}
