import type { Dialect } from './dialect.ts'

/** A variable of the agent's container: its value, and undefined where it comes from somewhere else. */
export type Variables = ReadonlyMap<string, string | undefined>

/** Where a provider of models is reached, and the variables that name another place. */
interface Provider {
  url: string
  variables: string[]
}

const PROVIDERS: Record<string, Provider> = {
  anthropic: { url: 'https://api.anthropic.com', variables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_HOST'] },
  openai: { url: 'https://api.openai.com', variables: ['OPENAI_BASE_URL', 'OPENAI_HOST'] },
  google: { url: 'https://generativelanguage.googleapis.com', variables: ['GOOGLE_GEMINI_BASE_URL', 'GOOGLE_HOST'] },
}

/** Switches by which Claude Code asks a cloud's models instead: https://code.claude.com/docs/en/env-vars */
const CLOUDS = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY']

/**
 * URL at which a program reaches its model, as far as that can be known: the provider's own, or what a variable says in
 * plain text. Undefined where it is told by a Secret, by a file, or by nothing that is known here.
 */
export function modelUrl(dialect: Dialect['name'], variables: Variables, model?: string): string | undefined {
  const name = nameOf(dialect, variables, model) ?? ''
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined
  const named = provider?.variables.find((name) => variables.has(name))
  return named === undefined ? provider?.url : variables.get(named)
}

function nameOf(dialect: Dialect['name'], variables: Variables, model = ''): string | undefined {
  if (dialect === 'claude-code') return CLOUDS.some((name) => variables.has(name)) ? undefined : 'anthropic'
  if (dialect === 'codex') return 'openai'
  if (dialect === 'gemini') return 'google'
  if (dialect === 'goose') return variables.get('GOOSE_PROVIDER')
  // PROVIDER/MODEL
  return dialect === 'opencode' ? model.split('/')[0] : undefined
}
