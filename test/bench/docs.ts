import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineLine } from './machine.ts'
import { drawPlot, type Plot, type Series } from './plot.ts'
import { type Figure, format, type Report, targetText, titleOf } from './report.ts'

/*
 * Writes what docs/performance/figures.json holds into docs/performance.md, between its markers, and draws its plots.
 * `npm run bench -- --out docs/performance/figures.json`, then `bun test/bench/docs.ts`; the plots of a soak from
 * docs/performance/soak.json.
 */

const FOLDER = join(import.meta.dirname, '..', '..', 'docs')

/** A line of a plot, out of the figures that have this name in all sizes. */
const series = (figures: Figure[], benchmark: string, name: string, label: string): Series => ({
  label,
  points: figures
    .filter((figure) => figure.benchmark === benchmark && figure.name === name)
    .map(({ size = 0, median, min, max }) => ({ x: size, y: median, low: min, high: max })),
})

const plots = (figures: Figure[]): Record<string, Plot> => ({
  memory: {
    title: 'Memory of the operator at rest',
    x: 'AgentJobs',
    y: 'RSS in MB',
    target: 150,
    series: [
      series(figures, 'memory', 'RSS, as it has grown', 'as it has grown'),
      series(figures, 'memory', 'RSS, after a restart', 'after a restart'),
    ],
  },
  coldstart: {
    title: 'Cold start',
    x: 'AgentJobs',
    y: 'seconds from exec',
    target: 3,
    series: [
      series(figures, 'coldstart', 'exec → ready', 'ready'),
      series(figures, 'coldstart', 'exec → leading', 'leading'),
    ],
  },
  create: {
    title: 'From POST to the Job on a watch, one by one',
    x: 'AgentJobs that are there already',
    y: 'milliseconds, p50',
    series: [
      series(figures, 'growth', 'AgentJob, one by one, p50', 'AgentJob'),
      series(figures, 'growth', 'bare Job, one by one, p50', 'bare Job'),
    ],
  },
  sharedruntime: {
    title: 'From the change of a shared AgentRuntime to the last CronJob',
    x: 'scheduled AgentJobs that share it',
    y: 'seconds',
    series: [series(figures, 'sharedruntime', 'AgentRuntime changed → last CronJob', 'last CronJob')],
  },
})

/** The figures as a table in Markdown. */
function markdownTable(figures: Figure[]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    row(['', 'figure', 'min', 'median', 'max', '', 'target']),
    '|---|---|--:|--:|--:|---|---|',
    ...figures.map((figure, i) =>
      row([
        figure.benchmark === figures[i - 1]?.benchmark ? '' : `**${figure.benchmark}**`,
        titleOf(figure),
        format(figure.min),
        format(figure.median),
        format(figure.max),
        figure.unit,
        figure.target ? `${targetText(figure.target)} ${figure.reached ? '✓' : '**missed**'}` : '',
      ]),
    ),
  ].join('\n')
}

const report = JSON.parse(await readFile(join(FOLDER, 'performance', 'figures.json'), 'utf8')) as Report
for (const [name, plot] of Object.entries(plots(report.figures)))
  if (plot.series.every(({ points }) => points.length))
    await writeFile(join(FOLDER, 'performance', `${name}.svg`), drawPlot(plot))
const soak = JSON.parse(await readFile(join(FOLDER, 'performance', 'soak.json'), 'utf8')) as { plots: Plot[] }
for (const [index, plot] of soak.plots.entries())
  await writeFile(join(FOLDER, 'performance', `soak-${['rss', 'heap'][index]}.svg`), drawPlot(plot))
const page = join(FOLDER, 'performance.md')
const generated = `${report.started.slice(0, 10)} · ${machineLine(report.machine)}\n\n${markdownTable(report.figures)}`
const text = await readFile(page, 'utf8')
await writeFile(
  page,
  text.replace(/(<!-- figures -->\n)[\s\S]*(<!-- end -->)/, (_, start, end) => `${start}\n${generated}\n\n${end}`),
)
