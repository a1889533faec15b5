// Stands in for a program: `node main.mjs claude -p …`. It checks everything that the program is given, as strictly as
// its documentation has it, and ends with 64 where something is wrong. Its last words are the JSON of what it has
// understood; a prompt that has the line `stand-in: fail` in it ends as the program does when the model fails.
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, STANDINS } from './standins.mjs'

const [program, ...argv] = process.argv.slice(2)
const { env } = process

try {
  if (!Object.hasOwn(STANDINS, program)) throw new Refusal(`there is no stand-in for ${program}`)
  for (const name of ['HOME', 'TMPDIR']) writeFileSync(join(env[name] ?? '/nowhere', `stand-in-${program}`), '')
  accessSync('.', constants.W_OK)
  const { read, print, fail } = STANDINS[program]
  const view = read({
    argv,
    env,
    stdin: readFileSync(0, 'utf8'),
    cwd: process.cwd(),
    read: (path) => readFileSync(path ?? '/nowhere', 'utf8'),
    exists: existsSync,
  })
  const failure = /^stand-in: fail$/m.test(view.prompt) ? fail('the model has failed') : undefined
  process.stderr.write(failure?.stderr ?? '')
  process.stdout.write(failure?.stdout ?? print(JSON.stringify(view)))
  process.exitCode = failure?.code ?? 0
} catch (error) {
  console.error(`${program}: ${error.message}`)
  process.exitCode = error instanceof Refusal ? 64 : 70
}
