import { refuse } from './refuse.mjs'

const KEY = /^(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")/

/** TOML, as much of it as is strict: basic strings, true and false, lists of strings, tables and lists of tables. */
export function parseToml(text) {
  const root = {}
  let table = root
  for (const line of text.split('\n').filter(Boolean)) {
    const [, list, path] = /^(\[\[|\[)(.*?)\]{1,2}$/.exec(line) ?? []
    if (list) table = tableAt(root, keysIn(path), list === '[[')
    else {
      const [key, rest] = keyIn(line)
      if (!rest.startsWith(' = ')) refuse(`no TOML: ${line.slice(0, 60)}`)
      if (Object.hasOwn(table, key)) refuse(`${key} is there twice`)
      define(table, key, scalarOf(rest.slice(3)))
    }
  }
  return root
}

function keysIn(path) {
  const [key, rest] = keyIn(path)
  if (!rest) return [key]
  return rest.startsWith('.') ? [key, ...keysIn(rest.slice(1))] : refuse(`no path of TOML: ${path}`)
}

function keyIn(text) {
  const [key] = KEY.exec(text) ?? refuse(`no key of TOML: ${text.slice(0, 60)}`)
  return [key.startsWith('"') ? JSON.parse(key) : key, text.slice(key.length)]
}

function tableAt(root, keys, isList) {
  let at = root
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1
    if (!Object.hasOwn(at, key)) define(at, key, isLast && isList ? [] : {})
    else if (isLast && !isList) refuse(`the table ${key} is there twice`)
    at = at[key]
  }
  if (!isList) return at
  at.push({})
  return at.at(-1)
}

function scalarOf(text) {
  const value = JSON.parse(text)
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string')
  return isTexts || ['string', 'boolean', 'number'].includes(typeof value) ? value : refuse(`no value of TOML: ${text}`)
}

const define = (object, key, value) =>
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
