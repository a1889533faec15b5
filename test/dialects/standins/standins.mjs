import { claude } from './claude.mjs'
import { codex } from './codex.mjs'
import { gemini } from './gemini.mjs'
import { goose } from './goose.mjs'
import { opencode } from './opencode.mjs'

export { Refusal } from './refuse.mjs'

/** The stand-ins, by the names of their programs. */
export const STANDINS = { claude, codex, gemini, goose, opencode }
