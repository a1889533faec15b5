import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'

/** Answer of the API server: HTTP status and body. */
export interface Answer {
  status: number
  body: string
}

/** Asks the API server within 5 s: GET, or POST where there is an object. */
export type Ask = (path: string, object?: object) => Promise<Answer>

/** Gives a function that asks the cluster in `folder` as its administrator. */
export async function administrator(folder: string, server: string): Promise<Ask> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(join(folder, 'pki', file))),
  )
  return (path, object) =>
    new Promise((resolve, reject) => {
      const body = object && JSON.stringify(object)
      const how = body ? { method: 'POST', headers: { 'content-type': 'application/json' } } : {}
      const options = { ca, cert, key, agent: false, timeout: 5_000, ...how }
      const sent = request(`${server}${path}`, options, (response) => {
        let answer = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          answer += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answer }))
        response.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error('no answer within 5 s')))
      sent.on('error', reject)
      sent.end(body)
    })
}
