import { isLabelKey, isLabelValue } from './labels.ts'

/** Keys that the expansion, the Job controller or Kueue write. */
const RESERVED =
  /^(([a-z0-9-]+\.)*agentjob\.io\/|app\.kubernetes\.io\/|kueue\.x-k8s\.io\/|batch\.kubernetes\.io\/|(job-name|controller-uid)$)/i

/** Annotations that Kubernetes takes for a securityContext, older than the fields of it. */
const SECURITY =
  /^(container\.apparmor\.security\.beta|seccomp\.security\.alpha|container\.seccomp\.security\.alpha)\./i

/** What keeps a label or an annotation from being put on an agent's pod by anybody but us; undefined where nothing does. */
export function wrongWithMetadata(list: 'labels' | 'annotations', name: string, text: unknown): string | undefined {
  if (typeof text !== 'string') return 'must be a string; put it in quotes'
  if (RESERVED.test(name)) return 'is reserved for what the operator and Kubernetes write'
  if (SECURITY.test(name)) return "cannot be set; an agent's pod is hardened"
  if (!isLabelKey(list === 'labels' ? name : name.toLowerCase()))
    return 'is no valid key; write PREFIX/NAME or NAME, the name of at most 63 letters, digits, "-", "_" and "."'
  if (list === 'labels' && !isLabelValue(text))
    return 'must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit first and last'
  return undefined
}
