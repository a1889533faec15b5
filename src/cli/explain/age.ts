const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A span of milliseconds as short as kubectl has it: 45s, 3m20s, 17m, 5h, 12d. */
export function age(ms: number): string {
  const whole = (unit: number) => Math.floor(Math.max(0, ms) / unit)
  if (ms < 2 * MINUTE) return `${whole(SECOND)}s`
  if (ms < 10 * MINUTE) return `${whole(MINUTE)}m${whole(SECOND) % 60 ? `${whole(SECOND) % 60}s` : ''}`
  if (ms < 3 * HOUR) return `${whole(MINUTE)}m`
  if (ms < 2 * DAY) return `${whole(HOUR)}h`
  return `${whole(DAY)}d`
}
