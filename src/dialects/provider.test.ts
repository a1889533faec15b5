import { expect, test } from 'bun:test'
import type { Dialect } from './dialect.ts'
import { modelUrl } from './provider.ts'

const ANTHROPIC = 'https://api.anthropic.com'
const cases: {
  name: string
  dialect: Dialect['name']
  env?: Record<string, string | undefined>
  model?: string
  want: string | undefined
}[] = [
  { name: 'Claude Code', dialect: 'claude-code', want: ANTHROPIC },
  { name: 'Codex', dialect: 'codex', want: 'https://api.openai.com' },
  { name: 'Gemini', dialect: 'gemini', want: 'https://generativelanguage.googleapis.com' },
  {
    name: 'another place',
    dialect: 'claude-code',
    env: { ANTHROPIC_BASE_URL: 'http://gateway:8080' },
    want: 'http://gateway:8080',
  },
  { name: 'a place out of a Secret', dialect: 'claude-code', env: { ANTHROPIC_BASE_URL: undefined }, want: undefined },
  { name: "a cloud's models", dialect: 'claude-code', env: { CLAUDE_CODE_USE_BEDROCK: '1' }, want: undefined },
  { name: 'goose', dialect: 'goose', env: { GOOSE_PROVIDER: 'anthropic' }, want: ANTHROPIC },
  {
    name: 'goose elsewhere',
    dialect: 'goose',
    env: { GOOSE_PROVIDER: 'anthropic', ANTHROPIC_HOST: 'http://gateway' },
    want: 'http://gateway',
  },
  { name: 'goose of nobody', dialect: 'goose', want: undefined },
  { name: 'goose of somebody else', dialect: 'goose', env: { GOOSE_PROVIDER: 'toString' }, want: undefined },
  { name: 'opencode', dialect: 'opencode', model: 'anthropic/claude-sonnet-4-5', want: ANTHROPIC },
  { name: 'opencode of somebody else', dialect: 'opencode', model: 'ollama/x', want: undefined },
  { name: 'opencode without a model', dialect: 'opencode', want: undefined },
  { name: 'a program of which nothing is known', dialect: 'agent-json', want: undefined },
]

test.each(cases)('the model of $name', ({ dialect, env = {}, model, want }) =>
  expect(modelUrl(dialect, new Map(Object.entries(env)), model)).toBe(want),
)
