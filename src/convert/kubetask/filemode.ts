import type { Reader } from '../reader.ts'

/** The file mode of a credential or a context, in the forms in which people write it. */
export function fileModeOf(item: Reader): unknown {
  const mode = item.take('fileMode')
  // YAML 1.2's way to write octal numbers, which kubectl reads as one
  if (typeof mode === 'string' && /^0o[0-7]{1,4}$/.test(mode)) return Number.parseInt(mode.slice(2), 8)
  if (typeof mode !== 'number' || mode <= 0o777 || !/^[0-7]{3}$/.test(String(mode))) return mode
  item.fail('fileMode', `is ${mode} in decimal, which is no file mode; in YAML they are octal: write 0${mode}`)
  return undefined
}
