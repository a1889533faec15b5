/** A line of a plot: `y` is the median, `low` and `high` the extremes over the rounds. */
export interface Series {
  label: string
  points: { x: number; y: number; low: number; high: number }[]
}

export interface Plot {
  title: string
  x: string
  y: string
  series: Series[]
  /** A dashed line across: what is aimed at. */
  target?: number
}

const [WIDTH, HEIGHT] = [680, 340]
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 150, 48, 52]

// A background of its own: a page may be dark where the reader's system is light, and a plot is told only of the latter.
const STYLE = `
  svg { font: 13px system-ui, sans-serif }
  .page { fill: #ffffff } text { fill: #1f2328 } .quiet { fill: #59636e }
  .grid { stroke: #d1d9e0 } .target { stroke: #59636e; stroke-dasharray: 5 4 }
  .s0 { color: #0969da } .s1 { color: #bc4c00 } .s2 { color: #8250df }
  .line { fill: none; stroke: currentColor; stroke-width: 2 } .dot, .name { fill: currentColor } .range { stroke: currentColor }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 }
    .grid { stroke: #3d444d } .target { stroke: #9198a1 }
    .s0 { color: #4493f8 } .s1 { color: #f0883e } .s2 { color: #ab7df8 }
  }`

/** Draws lines over numbers of AgentJobs, axes from 0, as an SVG that is readable on light and on dark pages. */
export function drawPlot({ title, x, y, series, target }: Plot): string {
  const points = series.flatMap((one) => one.points)
  const xTicks = ticks(Math.max(...points.map((point) => point.x)))
  const yTicks = ticks(Math.max(...points.map((point) => point.high), target ?? 0))
  const across = (value: number) => round(LEFT + (value / xTicks.at(-1)!) * (WIDTH - LEFT - RIGHT))
  const up = (value: number) => round(HEIGHT - BOTTOM - (value / yTicks.at(-1)!) * (HEIGHT - TOP - BOTTOM))
  const [start, end, bottom] = [across(0), across(xTicks.at(-1)!), up(0)]
  const aims = target === undefined ? [] : [target]
  const labels = [
    ...aims.map((aim) => ({ at: up(aim), label: `target ${number(aim)}`, look: 'class="quiet"' })),
    ...series.map(({ label, points }, i) => ({ at: up(points.at(-1)!.y), label, look: `class="s${i} name"` })),
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title><style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    text(LEFT, 26, title, 'font-weight="600"'),
    ...yTicks.map((tick) => line('grid', start, up(tick), end, up(tick))),
    ...yTicks.map((tick) => text(start - 8, up(tick) + 4, number(tick), 'text-anchor="end"')),
    ...xTicks.map((tick) => line('grid', across(tick), bottom, across(tick), bottom + 5)),
    ...xTicks.map((tick) => text(across(tick), bottom + 20, number(tick), MIDDLE)),
    text((start + end) / 2, HEIGHT - 10, x, `class="quiet" ${MIDDLE}`),
    text(0, 0, y, `class="quiet" ${MIDDLE} transform="translate(16 ${(TOP + bottom) / 2}) rotate(-90)"`),
    ...aims.map((aim) => line('target', start, up(aim), end, up(aim))),
    ...series.map((one, i) => drawSeries(one, i, across, up)),
    ...spread(labels).map(({ at, label, look }) => text(end + 8, at + 4, label, look)),
    '</svg>\n',
  ].join('\n')
}

const MIDDLE = 'text-anchor="middle"'

function drawSeries({ points }: Series, i: number, across: (x: number) => number, up: (y: number) => number): string {
  const path = points.map(({ x, y }) => `${across(x)},${up(y)}`).join(' ')
  const ranges = points.map(({ x, low, high }) => line('range', across(x), up(low), across(x), up(high)))
  const dots = points.map(({ x, y }) => `<circle class="dot" cx="${across(x)}" cy="${up(y)}" r="3.5"/>`)
  return `<g class="s${i}"><polyline class="line" points="${path}"/>${ranges.join('')}${dots.join('')}</g>`
}

/** Moves labels down until none lies on another. */
function spread<T extends { at: number }>(labels: T[]): T[] {
  let last = Number.NEGATIVE_INFINITY
  return [...labels]
    .sort((a, b) => a.at - b.at)
    .map((label) => {
      last = Math.max(label.at, last + 16)
      return { ...label, at: last }
    })
}

/** Some five round numbers from 0 to the maximum or just above it. */
function ticks(max: number): number[] {
  const rough = Math.max(max, 1e-9) / 5
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((step) => step >= rough * 0.999) as number
  return Array.from({ length: Math.ceil(max / step - 0.001) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

const line = (name: string, x1: number, y1: number, x2: number, y2: number) =>
  `<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`
const text = (x: number, y: number, content: string, attributes = '') =>
  `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`
const round = (value: number) => Math.round(value * 10) / 10
const number = (value: number) => value.toLocaleString('en')
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
