/** What can stand in templates, and what takes its place; those that end in Json are JSON, strings in quotes. */
export const PLACEHOLDERS = [
  'prompt',
  'promptJson',
  'instructions',
  'instructionsJson',
  'model',
  'modelJson',
  'name',
  'namespace',
  'workspaceDir',
  'configFile',
  'allowedToolsJson',
  'mcpServersJson',
  'skillsJson',
  'repositoriesJson',
] as const

/** The texts for the placeholders of a template. */
export type Fillings = Record<(typeof PLACEHOLDERS)[number], string>

const ANY = /\{\{([^{}]*)\}\}/g

/** A template with its placeholders filled. What is filled in is not looked through again. */
export const fill = (template: string, fillings: Fillings): string =>
  template.replace(ANY, (whole, name: string) => {
    const known = PLACEHOLDERS.find((one) => one === name.trim())
    return known ? fillings[known] : whole
  })

/** What a template has in double braces: the names, without blanks around them. */
export const placeholdersIn = (template: string): string[] =>
  [...template.matchAll(ANY)].map(([, name = '']) => name.trim())
