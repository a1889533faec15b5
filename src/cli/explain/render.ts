import type { Notification } from '../../api/agentjobstatus.ts'
import { shortened } from '../../status/shortened.ts'
import type { Colour } from '../colour.ts'
import { age } from './age.ts'
import type { Explanation, ToldEvent } from './explanation.ts'

/** How many characters of a line that others wrote, on a screen that holds all of it. */
const MAX_LINE = 160

/** One line, and nothing that a terminal would obey. */
const plain = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trimEnd()

/** An explanation as lines of text, for one screen. */
export function render(told: Explanation, now: Date, colour: Colour): string[] {
  const ago: Ago = (time) => (time ? age(now.getTime() - Date.parse(time)) : '?')
  const title = (text: string) => colour('bold', text)
  const { remedy, conditions, run, pod, events, log, unread, next } = told
  const reason = told.reason && told.reason !== told.phase ? ` (${plain(told.reason)})` : ''
  const due = told.nextRunTime ? `; next run in ${age(Date.parse(told.nextRunTime) - now.getTime())}` : ''
  const lines = [
    `${title(`AgentJob ${told.namespace}/${told.name}`)} is ${colour(hue(told), told.phase)}${reason}${told.since ? `, for ${ago(told.since)}` : ''}${due}`,
    '',
    `${title('Why')}     ${plain(told.cause)}`,
  ]
  if (remedy) lines.push(`${title('To do')}   ${plain(remedy)}`)
  const section = (name: string, rows: string[]) => {
    if (rows.length) lines.push('', title(name), ...rows.map((row) => `  ${row}`))
  }
  section(
    'Conditions',
    conditions.map(({ type, status, reason, message, lastTransitionTime }) => {
      // most of them say once more what stands above
      const more = [told.cause, remedy].some((said) => said && message.includes(said))
        ? ''
        : `: ${shortened(plain(message), MAX_LINE)}`
      return `${type}=${status} ${plain(reason)}${more} (${ago(lastTransitionTime)} ago)`
    }),
  )
  const { notification } = run ?? {}
  section('Newest run', [
    ...(run ? [runLine(run, ago)] : []),
    ...(pod ? [podLine(pod)] : []),
    ...(notification ? [notificationLine(notification, ago)] : []),
  ])
  section('Events', eventRows(events, ago))
  section(
    `Log of container ${log?.container}, its end${log?.isKept ? ', as the status has kept it' : ''}`,
    (log?.lines ?? []).map((line) => shortened(plain(line), MAX_LINE)),
  )
  section('Left out', unread.map(plain))
  section('Next', next.map(plain))
  return lines
}

const hue = ({ phase, remedy }: Explanation) =>
  ['Failed', 'TimedOut'].includes(phase) ? 'red' : remedy && phase === 'Pending' ? 'yellow' : 'green'

/** How long ago a time was. */
type Ago = (time: string | undefined) => string

function runLine(run: NonNullable<Explanation['run']>, ago: Ago): string {
  const { jobName, phase, reason, startTime, completionTime, attempts, exitCode } = run
  const took = startTime && completionTime && age(Date.parse(completionTime) - Date.parse(startTime))
  return [
    `Job ${jobName}: ${phase}${reason && reason !== phase ? ` (${plain(reason)})` : ''}`,
    ...(startTime ? [`started ${ago(startTime)} ago`] : []),
    ...(took ? [`took ${took}`] : []),
    ...(attempts ? [`${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`] : []),
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
  ].join(', ')
}

function podLine({ name, phase, node, containers }: NonNullable<Explanation['pod']>): string {
  const states = containers.map((one) => `${one.name} ${plain(one.state)}`)
  return `Pod ${name}: ${[`${phase ?? 'unknown'}${node ? ` on ${node}` : ''}`, ...states].join(', ')}`
}

function notificationLine({ state, since, time, code, message = '' }: Notification, ago: Ago): string {
  if (state === 'Pending') return `Notification: not delivered yet, for ${ago(since)}`
  if (state === 'Delivered') return `Notification: delivered ${ago(time)} ago, answered ${code}`
  return `Notification: given up ${ago(time)} ago: ${plain(message)}`
}

function eventRows(events: ToldEvent[], ago: Ago): string[] {
  const rows = events.map(({ at, type, about, reason, message, count }) => ({
    cells: [ago(at), type, reason, about].map(plain),
    message: shortened(plain(message), MAX_LINE) + (count > 1 ? ` (${count} times)` : ''),
  }))
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map(({ cells }) => cells[column]?.length ?? 0)))
  return rows.map(({ cells, message }) =>
    [...cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)), message].join('  '),
  )
}
