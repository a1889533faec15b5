import { AGENT_JOB } from '../../src/controller/types.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/** A POST that was not answered with 201. */
export interface FailedPost {
  name: string
  /** When it was sent, and when it had failed; milliseconds since 1970. */
  from: number
  to: number
  message: string
}

/** What was posted. */
export interface Posts {
  /** Names of what was stored. */
  created: string[]
  /** How many were answered as they should, dry runs among them. */
  answered: number
  failed: FailedPost[]
  /** The largest number of requests that were under way. */
  most: number
}

/**
 * Creates an AgentJob every so often, whether those before are answered or not, until it is told to stop. One in `storeOf`
 * is stored; the others are dry runs, which admission cannot tell from it.
 */
export function startPosts(
  client: Client,
  o: { perSecond: number; storeOf: number; body: (name: string) => KubeObject },
) {
  const posts: Posts = { created: [], answered: 0, failed: [], most: 0 }
  const underWay = new Set<Promise<void>>()
  const start = performance.now()
  let sent = 0
  const post = async (name: string, dryRun: boolean) => {
    const from = Date.now()
    try {
      await client.create<KubeObject>(AGENT_JOB, o.body(name), { dryRun })
      posts.answered++
      if (!dryRun) posts.created.push(name)
    } catch (error) {
      posts.failed.push({ name, from, to: Date.now(), message: (error as Error).message })
    }
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * o.perSecond)
    for (; sent < due; sent++) {
      const one = post(`load-${sent}`, sent % o.storeOf !== 0).finally(() => underWay.delete(one))
      underWay.add(one)
      posts.most = Math.max(posts.most, underWay.size)
    }
  }, 10)
  return {
    posts,
    async stop(): Promise<Posts> {
      clearInterval(timer)
      await Promise.all(underWay)
      return posts
    },
  }
}
