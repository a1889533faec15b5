const NANOSECONDS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 6e10],
  ['h', 3.6e12],
])

/**
 * The distance that `@every 1h30m` stands for, given `1h30m`: whole seconds, at least one, as Go's time.ParseDuration
 * and robfig/cron's Every have it; or a sentence (without its subject) about what is wrong and what would be right.
 */
export function parseEvery(text: string): { everySeconds: number } | string {
  const wrong = `has ${JSON.stringify(text)} as its duration; write hours, minutes and seconds, as in "@every 1h30m"`
  const [, sign, rest = ''] = /^([+-]?)(.*)$/su.exec(text) ?? []
  let nanoseconds = 0n
  let read = 0
  for (const [term, whole, fraction = '', unit] of rest.matchAll(/([0-9]*)(?:\.([0-9]*))?([^.0-9]+)/gy)) {
    const factor = NANOSECONDS.get(unit as string)
    if (factor === undefined || !(whole || fraction)) return wrong
    read += term.length
    nanoseconds += BigInt(whole || 0) * BigInt(factor)
    nanoseconds += BigInt(Math.floor(Number(fraction) * (factor / 10 ** fraction.length)))
  }
  if (rest !== '0' && (read === 0 || read !== rest.length)) return wrong
  if (nanoseconds > 2n ** 63n - (sign === '-' ? 0n : 1n)) return `${wrong}, at most 2562047h`
  const seconds = sign === '-' ? 0 : Number(nanoseconds / 1_000_000_000n)
  return { everySeconds: Math.max(seconds, 1) }
}
