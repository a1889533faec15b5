/** What a request to the API server is about. */
export interface Traffic {
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'
  /** `agentjobs`, `jobs`, …; empty for paths that are not a resource's. */
  plural: string
  subresource?: string
}

/** Which requests a fault is for; what is left out matches all. */
export interface Match {
  verbs?: Traffic['verb'][]
  plural?: string
}

/** Reads a request line as the API server does: /apis/GROUP/VERSION[/namespaces/NAMESPACE]/PLURAL[/NAME[/SUBRESOURCE]]. */
export function trafficOf(method: string, target: string): Traffic {
  const { pathname, searchParams } = new URL(target, 'https://api')
  const parts = pathname.split('/').filter(Boolean)
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const [plural = '', name, subresource] = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest
  return { verb: verbOf(method, name, searchParams), plural, subresource }
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): Traffic['verb'] {
  if (method === 'POST') return 'create'
  if (method === 'PUT') return 'update'
  if (method === 'PATCH') return 'patch'
  if (method === 'DELETE') return 'delete'
  if (query.get('watch') === 'true') return 'watch'
  return name === undefined ? 'list' : 'get'
}

/** Whether a fault is for a request. */
export const matches = ({ verbs, plural }: Match, traffic: Traffic): boolean =>
  (verbs === undefined || verbs.includes(traffic.verb)) && (plural === undefined || plural === traffic.plural)
