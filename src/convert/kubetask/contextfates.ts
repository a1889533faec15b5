import type { Fates } from '../fates.ts'

/** Why there are no contexts of type Runtime. */
export const RUNTIME = 'is a text of KubeTask about itself; write what the agent should know of its pod into the prompt'

const FETCH = 'our fetch takes the URL alone'

/** What a context is made of, wherever it stands: of the kind Context, and of contexts that stand in a list. */
export const SOURCE: Fates = {
  type: { to: 'type', sometimes: 'Text is Inline, URL is Url; Runtime and Ref are dropped' },
  text: { to: 'inline.content' },
  'inline.content': { to: 'inline.content' },
  'configMap.name': { to: 'configMap.name', note: 'whoever applies this needs the verb get on the ConfigMap' },
  'configMap.key': { to: 'configMap.key' },
  'configMap.optional': { to: 'configMap.optional' },
  'git.repository': { to: 'git.repository' },
  'git.path': { to: 'git.path', sometimes: 'without slashes at its ends' },
  'git.ref': { to: 'git.ref' },
  'git.depth': {
    to: 'git.depth',
    sometimes: 'below 1 it is left out: KubeTask takes that for 1, and 0 is everything here',
  },
  'git.secretRef.name': {
    to: 'git.secretRef.name',
    note: 'the Secret needs username and password, or ssh-privatekey and known_hosts for ssh',
  },
  'git.recurseSubmodules': { dropped: 'submodules are not fetched; name their repositories as contexts of their own' },
  'git.sync': { dropped: 'a repository is fetched once, at the start of each run' },
  'url.source': { to: 'url.url' },
  'url.headers': { dropped: `${FETCH}, without headers; fetch it in the command, with a credential` },
  'url.secretRef': { dropped: `${FETCH}, without a login; fetch it in the command, with a credential` },
  'url.insecureSkipTLSVerify': { dropped: `${FETCH}, and trusts the certificates that the cluster trusts` },
  'url.timeout': { dropped: `${FETCH}, and has a time limit of its own` },
  runtime: { dropped: RUNTIME },
}

/** Where a context goes. */
const MOUNT: Fates = {
  mountPath: {
    to: 'mountPath',
    note: 'what is there is read-only; let the command copy what the agent is to change',
    sometimes: 'a relative one is put below workspaceDir; a Git context without one gets the path that KubeTask took',
  },
  fileMode: { to: 'fileMode', sometimes: 'dropped without a mountPath' },
}

const REFERENCE: Fates = {
  name: { to: 'name' },
  namespace: {
    to: 'name',
    sometimes:
      'another namespace is dropped: Contexts are looked up in that of the AgentJob and in the library namespace',
  },
  ...MOUNT,
}

/** An entry of a list of contexts, in the three forms that there have been: a reference, ref or inline, flat. */
export const CONTEXT_ITEM: Fates = {
  ...SOURCE,
  ...REFERENCE,
  name: { to: 'name', sometimes: 'beside a type it is dropped: the tag in task.md names contexts of the kind Context' },
  description: { dropped: 'is for people; a comment in the manifest does the same' },
  optional: {
    dropped: 'a context that is missing keeps the run from starting; configMap.optional lets a ConfigMap be missing',
  },
  ...Object.fromEntries(Object.entries(REFERENCE).map(([path, fate]) => [`ref.${path}`, fate])),
  ...Object.fromEntries(Object.entries({ ...SOURCE, ...MOUNT }).map(([path, fate]) => [`inline.${path}`, fate])),
}
