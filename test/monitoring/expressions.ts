import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '..', '..')
/** Where the chart has the alerts, and the dashboard, from the root. */
export const RULES = 'charts/agentjob/files/rules.yaml'
const DASHBOARD = 'charts/agentjob/files/dashboard.json'

/** An alert, as its file has it. */
export interface Alert {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** Text of a file of the repository. */
export const textOf = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8')

/** All alerts. */
export async function alerts(): Promise<Alert[]> {
  const { groups } = parse(await textOf(RULES)) as { groups: { rules: Alert[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

/** What the dashboard asks, by panel, with its variables still in it. */
export async function queries(): Promise<{ panel: string; expr: string }[]> {
  const { panels } = JSON.parse(await textOf(DASHBOARD)) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })))
}

/** The metrics that a query asks for, without what histograms put behind their names. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/#.*$/gm, '')
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '')
  const words = [...bare.matchAll(/\b[a-z]+(?:_[a-z]+)+\b(?!\s*\()/g)].map(([word]) => word)
  return [...new Set(words.map((word) => word.replace(/_(bucket|sum|count)$/, '')))]
}
