import { spawn } from 'node:child_process'

/** How a command is run: its folder, more environment variables, text for its standard input, a limit in ms. */
export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
  timeout?: number
}

/**
 * Runs a command to its end and gives its standard output.
 * Rejects, with the end of what it wrote, if it can't be started, fails or takes longer than `timeout`.
 */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      timeout: options.timeout,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout)
      const said = (stderr || stdout).trim().split('\n').slice(-12).join('\n')
      reject(new Error(`${[command, ...args].join(' ').slice(0, 200)}: ${signal ?? `exit ${code}`}\n${said}`))
    })
    child.stdin.on('error', () => {}) // a command that does not read its input says why by its exit code
    child.stdin.end(options.input ?? '')
  })
}

/** Tells whether a program of this name is on the PATH. */
export async function onPath(command: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  )
}
