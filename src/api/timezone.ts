import { TIMEZONES } from './timezones.ts'
import { nearest } from './unknownfields.ts'

/**
 * What is wrong with the name of a time zone and what would be right; undefined where the API server takes it: a name
 * from the IANA database in its own spelling, aliases such as `US/Eastern` included.
 */
export function checkTimezone(name: string): string | undefined {
  if (TIMEZONES.has(name)) return undefined
  const lower = name.toLowerCase()
  const found = [...TIMEZONES].find((zone) => zone.toLowerCase() === lower)
  if (found) return `is ${JSON.stringify(name)}; time zones are spelled exactly, write ${found}`
  return `is ${JSON.stringify(name)}, which is no time zone; ${meant(name)}`
}

/** Names whose hours follow a place, `Europe/Paris`; abbreviations such as EST are too short to be guessed. */
const PLACES = [...TIMEZONES].filter((zone) => zone.includes('/') && !zone.startsWith('Etc/'))

function meant(name: string): string {
  const place = name.toLowerCase().replaceAll(' ', '_')
  const city = PLACES.find((zone) => zone.toLowerCase().endsWith(`/${place}`))
  const near = city ?? (name.includes('/') ? nearest(place, PLACES) : undefined)
  if (near) return `did you mean ${near}?`
  const [, sign, hours] = /^(?:UTC|GMT)?([+-])0?([0-9]{1,2})(?::?00)?$/i.exec(name) ?? []
  const offset = hours && `Etc/GMT${sign === '+' ? '-' : '+'}${hours}`
  if (offset && TIMEZONES.has(offset)) return `write ${offset}, whose sign is reversed, or a place such as Europe/Paris`
  return 'write a name from the IANA database, such as Europe/Paris'
}
