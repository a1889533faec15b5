/** Colours a text for a stream; does nothing unless that is a terminal whose user has not said NO_COLOR (no-color.org). */
export type Colour = (name: 'red' | 'yellow' | 'green' | 'bold', text: string) => string

const CODES = { red: 31, yellow: 33, green: 32, bold: 1 }

export function colourFor(stream: { isTTY?: boolean }, env: Record<string, string | undefined> = process.env): Colour {
  const on = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return (name, text) => (on ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text)
}
