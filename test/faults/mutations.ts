/** One edit of the operator's source that schedules have to notice. */
export interface Mutant {
  name: string
  file: string
  /** Must stand in the file, once. */
  code: string
  instead: string
}

export const mutants: Mutant[] = [
  {
    name: 'a Job without the name of its revision',
    file: 'src/controller/startrun.ts',
    code: 'metadata: { ...child.metadata, ownerReferences: [ownerReference(job)] }',
    instead:
      'metadata: { ...child.metadata, name: `${child.metadata.name}-${Date.now()}`, ownerReferences: [ownerReference(job)] }',
  },
  {
    name: 'what has failed is not tried again',
    file: 'src/controller/queue.ts',
    code: 'if (failed) this.#retry(key)',
    instead: 'if (failed) this.#failures.delete(key)',
  },
  {
    name: 'a watch that does not list again after 410',
    file: 'src/kube/reflector.ts',
    code: 'if (listAgain) progress.resourceVersion = undefined',
    instead: 'if (listAgain) progress.healthy = false',
  },
  {
    name: 'a Job whose creation was not answered is taken for a stranger',
    file: 'src/controller/startrun.ts',
    code: 'if (ownerUid(live) !== job.metadata.uid || live.metadata.deletionTimestamp) return clearTheWay(ctx, job, JOB, live)',
    instead: 'return clearTheWay(ctx, job, JOB, live)',
  },
  {
    name: 'a new leader that trusts its cache',
    file: 'src/controller/startrun.ts',
    code: 'if (!ctx.memory.unread.has(uid)) return true',
    instead: 'if (uid) return true',
  },
]

/** The source with the edit in it. Throws where the code to be changed is not there, or there twice. */
export function mutate(source: string, { name, file, code, instead }: Mutant): string {
  const places = source.split(code).length - 1
  if (places !== 1) throw new Error(`mutant "${name}": its code stands ${places} times in ${file}, not once: ${code}`)
  return source.replace(code, () => instead)
}
