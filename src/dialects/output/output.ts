/** What a run took. Counts of tokens are whole; a member that the program does not tell is left out. */
export interface Usage {
  /** What the model read and no cache had. */
  inputTokens?: number
  outputTokens?: number
  cacheReadTokens?: number
  cacheWriteTokens?: number
  /** US dollars as a decimal, by the program's own price list: `0.00015075`. */
  costUSD?: string
  /** How often the model was asked. */
  turns?: number
}

/** What the end of a program's output tells. */
export interface Output {
  /** The agent's last words. */
  result?: string
  /** By which the program can go on where it ended. */
  sessionId?: string
  /** Whether the program ended badly by its own account, whatever its exit code; left out where it says neither. */
  isError?: boolean
  /** What went wrong. */
  error?: string
  usage?: Usage
}

/** Without the members that are undefined; undefined where nothing is left. */
export function told<T extends object>(members: T): T | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return entries.length ? (Object.fromEntries(entries) as T) : undefined
}
