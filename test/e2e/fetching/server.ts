import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server of repositories and files on this host. */
export interface FetchServer {
  url: string
  stop(): void
}

export const PASSWORD = { username: 'reader', password: 'not-guessed' }

/**
 * Serves, by Git's own CGI program: `/docs.git`, with style.md, guides/a.md and the skill `review` at its head and another style.md at the
 * tag v1; the same under `/private/` for who has the password; and `/file`. By TLS where there is a certificate.
 */
export async function startFetchServer(
  hostname: string,
  file: string,
  tls?: { cert: string; key: string },
): Promise<FetchServer> {
  const root = repository()
  const authorization = `Basic ${btoa(`${PASSWORD.username}:${PASSWORD.password}`)}`
  const answer: RequestListener = (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://here')
    const isPrivate = pathname.startsWith('/private/')
    if (pathname === '/file') response.end(file)
    else if (isPrivate && request.headers.authorization !== authorization)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"', connection: 'close' }).end('who are you?')
    else backend(root, request, response, isPrivate ? pathname.slice('/private'.length) : pathname, search.slice(1))
  }
  const server = tls ? createTlsServer(tls, answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http${tls ? 's' : ''}://${hostname}:${port}`,
    stop() {
      server.closeAllConnections()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function repository(): string {
  const root = mkdtempSync(join(tmpdir(), 'agentjob-git-'))
  const work = join(root, 'docs.git')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
    })
  git('init', '-q', '-b', 'main', work)
  const commit = (text: string) => {
    writeFileSync(join(work, 'style.md'), text)
    git('-C', work, 'add', '.')
    git('-C', work, 'commit', '-qm', text)
  }
  commit('Write plainly.')
  git('-C', work, 'tag', 'v1')
  for (const folder of ['guides', 'skills/review/scripts']) mkdirSync(join(work, folder), { recursive: true })
  writeFileSync(join(work, 'guides', 'a.md'), 'Chapter A')
  writeFileSync(join(work, 'skills', 'review', 'SKILL.md'), 'How to review.')
  writeFileSync(join(work, 'skills', 'review', 'scripts', 'run.sh'), '#!/bin/sh', { mode: 0o755 })
  commit('Be brief.')
  return root
}

/** https://git-scm.com/docs/git-http-backend */
async function backend(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: string,
): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: path,
    QUERY_STRING: query,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  }
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk)
  const { stdout: answer } = spawnSync('git', ['http-backend'], { env, input: Buffer.concat(body) })
  const end = answer.indexOf('\r\n\r\n')
  const lines = answer.subarray(0, end).toString().split('\r\n')
  const headers = new Headers(lines.map((line) => line.split(': ', 2) as [string, string]))
  const status = Number(headers.get('status')?.slice(0, 3) ?? 200)
  headers.delete('status')
  response.writeHead(status, Object.fromEntries(headers)).end(answer.subarray(end + 4))
}
