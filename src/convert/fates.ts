/**
 * What becomes of a field of a foreign kind: it goes `to` one of ours (`spec.image`; with a kind before it where that is
 * another one than the object's own), it is `dropped`, for a reason and with what to do instead, or it is `left` behind,
 * because it is none of a manifest's business.
 */
export type Fate =
  | {
      to: string
      /** What differs; said wherever the field is there. */
      note?: string
      /** What may differ; said where it does, by whoever carries the field over. */
      sometimes?: string
    }
  | { dropped: string }
  | { left: string }

/**
 * The fates of a kind's fields, by their paths without indices: `spec.credentials[].env`. A row speaks for everything
 * below it that has no row of its own. The guides' tables are made from these.
 */
export type Fates = Record<string, Fate>

/** The same fates below another field: `text` → `spec.contexts[].text`; `to` is put before where they go. */
export function below(prefix: string, fates: Fates, to = prefix): Fates {
  const moved = (fate: Fate) => ('to' in fate && !fate.to.includes(' ') ? { ...fate, to: `${to}.${fate.to}` } : fate)
  return Object.fromEntries(Object.entries(fates).map(([path, fate]) => [`${prefix}.${path}`, moved(fate)]))
}

/** Whether there are rows for fields below this one. */
export const hasRowsBelow = (fates: Fates, pattern: string): boolean =>
  Object.keys(fates).some((row) => row.startsWith(`${pattern}.`) || row.startsWith(`${pattern}[]`) || pattern === '')
