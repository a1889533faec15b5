import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { fileOf, task } from './fixtures.ts'
import { goose } from './goose.ts'
import type { Task } from './task.ts'

const MAIL = { name: 'mail.box', url: 'https://mail.example.com/mcp' }

function render(given: Partial<Task>) {
  const rendered = goose.render(task(given))
  const text = fileOf(rendered, 'recipe.json')
  return { text, recipe: JSON.parse(text), warnings: rendered.warnings.map(formatFinding) }
}

describe('goose', () => {
  const extensions: { name: string; allowedTools?: string[]; want: object[] }[] = [
    {
      name: 'no limit',
      want: [{ name: 'developer' }, { name: 'mail_box' }],
    },
    { name: 'nothing', allowedTools: [], want: [] },
    {
      name: 'some of each',
      allowedTools: ['shell', 'edit', 'mail_box__send'],
      want: [
        { name: 'developer', available_tools: ['edit', 'shell'] },
        { name: 'mail_box', available_tools: ['send'] },
      ],
    },
    { name: 'all of a server', allowedTools: ['mail_box__*'], want: [{ name: 'mail_box' }] },
  ]
  for (const { name, allowedTools, want } of extensions)
    test(`extensions: ${name}`, () => {
      const { recipe, warnings } = render({ allowedTools, mcpServers: [MAIL] })
      const told = recipe.extensions.map(({ name, available_tools }: Record<string, unknown>) => ({
        name,
        ...(available_tools ? { available_tools } : {}),
      }))
      expect(told).toEqual(want)
      expect(warnings).toEqual([])
    })

  test('says which tools it cannot be told', () =>
    expect(
      render({ allowedTools: ['Read', 'analyze', 'mail_box__get_*', 'other__x'], mcpServers: [MAIL] }).warnings,
    ).toEqual(
      ['"Read"', '"mail_box__get_*"', '"other__x"'].map(
        (tool) =>
          `spec.roleRef: the AgentRole allows ${tool}, which Goose cannot be told, so that it stays forbidden; what it can be told is edit, read_image, shell, tree, write, analyze, load_skill, SERVER__TOOL, SERVER__*`,
      ),
    ))

  test('a prompt opens no placeholder', () => {
    const prompt = '{{ x }} {{{ {% y %} {# z #} {}'
    const { text, recipe } = render({ prompt })
    expect(text).not.toMatch(/\{[{%#]/)
    expect(recipe.prompt).toBe(prompt)
  })
})
