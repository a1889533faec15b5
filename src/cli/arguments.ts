/** Options with a value that people write before the command, as with kubectl. */
const WITH_VALUE = ['-n', '--namespace', '--context', '--kubeconfig', '--as', '-o', '--output', '-l', '--selector']

/** Moves options in front of the command behind it: `-n team get hello` → `get -n team hello`. */
export function commandFirst(argv: string[]): string[] {
  let index = 0
  while (index < argv.length && argv[index]?.startsWith('-') && argv[index] !== '--')
    index += WITH_VALUE.includes(argv[index] as string) ? 2 : 1
  const command = argv[index]
  if (index === 0 || command === undefined) return argv
  return [command, ...argv.slice(0, index), ...argv.slice(index + 1)]
}
