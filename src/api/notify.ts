import { z } from 'zod'
import { TERMINAL_PHASES } from './agentjobstatus.ts'
import { FIRST } from './fields.ts'

/** Printable ASCII without `#` and `\`: no fragment, nothing that two readers of a URL read differently; before the path no `@`. */
const URL_TEXT =
  /^https?:\/\/([0-9A-Za-z]([-.0-9A-Za-z]*[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][!"$-[\]-~]*)?$/

/**
 * Whether a URL that looks like one names its host in the way in which it is reached. `127.1` and `0x7f000001` are
 * addresses in disguise, and nobody who reads them in review knows of which host.
 */
function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return false
  const [, host = ''] = /^https?:\/\/(\[[^\]]*\]|[^:/?]*)/.exec(text) ?? []
  return host.startsWith('[') || new URL(text).hostname === host.toLowerCase()
}

/** Who is told when a run ends, and of which ends. */
export const Notify = z.object({
  url: z
    .string()
    .max(2048, FIRST)
    .regex(URL_TEXT, {
      message: 'must be a URL such as https://hooks.example.com/agentjob, without a user, a password and a fragment',
      abort: true,
    })
    .refine(isPlain, 'must name a host, or an address as in 192.0.2.7 or [2001:db8::7], and a port below 65536')
    .meta({
      description:
        "Where the end of a run is told: an https URL of a host that the operator's settings allow; plain http where they say so.",
    }),
  // not `on`, which YAML 1.1 reads as true
  phases: z.array(z.enum(TERMINAL_PHASES)).min(1).max(16).optional().meta({
    description: 'Of which ends it is told; of all of them where it is left out.',
    'x-kubernetes-list-type': 'set',
  }),
})
export type Notify = z.output<typeof Notify>
