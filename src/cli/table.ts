/** A Table of meta.k8s.io/v1: the API server renders the columns, the ages too. */
export interface Table {
  columnDefinitions: { name: string; priority: number }[]
  rows: { cells: unknown[]; object: { metadata: { name?: string; namespace?: string } } }[]
}

/** What asks the API server for one. */
export const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** Prints a table as kubectl does: upper-case headings, three spaces between the columns. */
export function formatTable(table: Table, o: { wide?: boolean; namespace?: boolean }): string {
  const shown = [...table.columnDefinitions.entries()].filter(([, { priority }]) => priority === 0 || o.wide)
  const heading = shown.map(([, { name }]) => name.toUpperCase())
  const rows = table.rows.map(({ cells, object }) => {
    const row = shown.map(([index]) => formatCell(cells[index]))
    return o.namespace ? [object.metadata.namespace ?? '', ...row] : row
  })
  return align([o.namespace ? ['NAMESPACE', ...heading] : heading, ...rows])
}

/** One line a cell, and nothing that a terminal would obey. */
function formatCell(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  const [line = '', ...more] = String(cell).split(/[\r\n\f]/)
  return line.replace(/\p{Cc}/gu, ' ') + (more.length ? '...' : '')
}

function align(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('')
  return rows.map((row) => `${line(row)}\n`).join('')
}
