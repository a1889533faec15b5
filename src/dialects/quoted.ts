/**
 * A text in double quotes, read alike as a string of JSON, of YAML (https://yaml.org/spec/1.2.2/#57-escaped-characters)
 * and as a basic string of TOML (https://toml.io/en/v1.0.0#string): all three know JSON's escapes, and each has
 * characters of its own that may not stand unescaped.
 */
export const quoted = (text: string): string => plain(JSON.stringify(text.toWellFormed()))

/** JSON text, also as YAML: outside its strings it has ASCII alone. */
export const plain = (json: string): string => json.replace(UNREADABLE, escaped)

/** Control characters, line ends and byte order marks that JSON takes as they are. */
const UNREADABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
