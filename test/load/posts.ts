import { AGENT_JOB } from '../../src/controller/types.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/** What was posted. */
export interface Posts {
  /** What was stored. */
  created: KubeObject[]
  /** How many were answered as they should, dry runs among them. */
  answered: number
  /** Those that were not answered with 201. */
  failed: { name: string; message: string }[]
  /** The largest number of requests that were under way. */
  most: number
}

export interface PostOptions {
  perSecond: number
  /** One in so many is stored; the others are dry runs, which admission cannot tell from it. */
  storeOf: number
  /** The AgentJob to post. It is called once for each, in order; those whose turn it is are `stored`. */
  body: (stored: boolean) => KubeObject
}

/** Creates an AgentJob every so often, whether those before are answered or not, until it is told to stop. */
export function startPosts(client: Pick<Client, 'create'>, o: PostOptions) {
  const posts: Posts = { created: [], answered: 0, failed: [], most: 0 }
  const underWay = new Set<Promise<void>>()
  const start = performance.now()
  let sent = 0
  const post = async (stored: boolean) => {
    const body = o.body(stored)
    try {
      await client.create<KubeObject>(AGENT_JOB, body, { dryRun: !stored })
      posts.answered++
      if (stored) posts.created.push(body)
    } catch (error) {
      posts.failed.push({ name: body.metadata.name as string, message: (error as Error).message })
    }
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * o.perSecond)
    for (; sent < due; sent++) {
      const one = post(sent % o.storeOf === 0).finally(() => underWay.delete(one))
      underWay.add(one)
      posts.most = Math.max(posts.most, underWay.size)
    }
  }, 10)
  return {
    /** How many have been posted so far. */
    sent: () => sent,
    /** How many are under way now. */
    underWay: () => underWay.size,
    /** Resolves when all are answered. */
    async stop(): Promise<Posts> {
      clearInterval(timer)
      await Promise.all(underWay)
      return posts
    },
  }
}
