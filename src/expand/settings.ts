import { z } from 'zod'
import { FIRST, image } from '../api/fields.ts'
import { EgressSettings } from './egress/settings.ts'
import { PodSettings } from './podsettings.ts'

/** How much a log tells, the most first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const HOST = String.raw`([a-z0-9]([-.a-z0-9]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?`
const canBeUrl = (entry: string) => URL.canParse(`http://${entry.replace(/^http:\/\/|^\*\./, '')}`)
const hosts = (pattern: RegExp, wrong: string, description: string) =>
  z
    .array(
      z.string().min(1, FIRST).max(300, FIRST).regex(pattern, { message: wrong, abort: true }).refine(canBeUrl, wrong),
    )
    .max(256)
    .default([])
    .meta({ description })

/** Where notifications may go. */
export const NotifySettings = z.strictObject({
  hosts: hosts(
    new RegExp(`^((http://)?${HOST}|\\*\\.${HOST})$`),
    'must be a host such as hooks.example.com, hooks.example.com:8443 or *.example.com in lower case, or http://hooks.example.com for plain HTTP',
    'Hosts that notifications may go to: HOST or HOST:PORT, *.SUFFIX, http://HOST for plain HTTP. Without a port that of the protocol. Their addresses must be public ones.',
  ),
  privateHosts: hosts(
    new RegExp(`^(http://)?${HOST}$`),
    'must be a host such as receiver.ci.svc.cluster.local or receiver.ci.svc.cluster.local:8443 in lower case, or http://HOST for plain HTTP; no *',
    'Further ones whose addresses may be of a private network, a Service of the cluster for example; each by its whole name.',
  ),
})
export type NotifySettings = z.output<typeof NotifySettings>

/** What the operator of a cluster decides about expansions; the file of `--settings`. */
export const Settings = z.strictObject({
  libraryNamespace: z
    .string()
    .min(1, FIRST)
    .max(63, FIRST)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace: lower case letters, digits and "-"')
    .optional()
    .meta({ description: "Namespace in which a reference is looked up when the AgentJob's own has no such object." }),
  missingReferences: z
    .enum(['Warn', 'Deny'])
    .default('Warn')
    .meta({ description: 'Whether an AgentJob that names a missing object waits for it or is refused.' }),
  clusterAccess: z.boolean().default(true).meta({
    description:
      'Whether AgentJobs can have rights at the Kubernetes API; without, one that names a ClusterAccess is refused.',
  }),
  images: z
    .strictObject({
      git: image('git-sync, for contexts from Git repositories.').default('registry.k8s.io/git-sync/git-sync:v4.4.0'),
      url: image('One with curl and a shell, for contexts from URLs.').default('docker.io/curlimages/curl:8.11.1'),
    })
    .prefault({})
    .meta({ description: 'Images of the containers that fetch something before an agent starts.' }),
  pods: PodSettings.prefault({}).meta({ description: 'What the pod of every agent gets.' }),
  // undefined where nobody has named the settings, offline
  notify: NotifySettings.prefault({})
    .optional()
    .meta({ description: 'Where notifications of the end of runs may go; nowhere unless said.' }),
  // the same
  egress: EgressSettings.prefault({})
    .optional()
    .meta({ description: "Where agents' pods may go; anywhere unless it is enabled." }),
  logLevel: z
    .enum(LOG_LEVELS)
    .optional()
    .meta({ description: "How much the operator's log tells; followed while it runs." }),
})
export type Settings = z.output<typeof Settings>
