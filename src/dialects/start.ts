import { END } from '../expand/taskmd.ts'
import type { Resumed, Start } from './task.ts'

/**
 * Starts a program in the folder that it is to work in, with a file on stdin. The same text for everybody: whatever is
 * a user's comes in as an argument, so that nothing of it is ever read as shell. POSIX sh, with what every image has.
 *
 *     WORKSPACE STDIN (copy FROM TO | folder FROM TO | clear FOLDER | escape VARIABLE | present VARIABLE)… -- PROGRAM ARGUMENT…
 *
 * Where it may go on with a session, the arguments stand there twice, and one of the two is dropped:
 *
 *     session FOLDER PATTERN TEXT STDIN-OF-THE-OTHERS WORDS-OF-THE-PROGRAM ARGUMENTS OTHERS
 *
 * Where a file comes after what is on stdin:
 *
 *     append FROM TO TAG
 */
const SCRIPT = (resumes: boolean, appends: boolean) => `set -e
cd "$1"
input=$2
shift 2
while [ "$1" != -- ]; do
  case $1 in
    copy)
      mkdir -p "$(dirname "$3")"
      cat "$2" > "$3"
      shift 3 ;;
    folder)
      rm -rf "$3"
      mkdir -p "$3"
      cp -R "$2/." "$3"
      : > "$3/.agentjob"
      shift 3 ;;
    clear)
      for mark in "$2"/*/.agentjob; do
        if [ -e "$mark" ]; then rm -rf "\${mark%/*}"; fi
      done
      shift 2 ;;
    escape)
      eval "value=\\\${$2-}"
      value=$(printf %s "$value" | tr -d '[:cntrl:]' | sed 's/["\\\\]/\\\\&/g; s/{/\\\\u007b/g')
      export "$2=$value"
      shift 2 ;;
    present)
      eval "export $2=\\"\\\${$2-}\\""
      shift 2 ;;${resumes ? SESSION : ''}${appends ? APPEND : ''}
  esac
done
shift${resumes ? DROP : ''}
exec "$@" < "$input"
`

const SESSION = `
    session)
      from=$(($6 + $7))
      to=$(($from + $8))
      if (cd "$2" && grep -qs -- "$4" $3) 2> /dev/null; then
        to=$from
        from=$6
        input=$5
      fi
      shift 8 ;;`

/** In bytes; of more than that a model is told where it is, and may read what it needs. */
const MAX_APPENDED = 65536

/** Unlike our own blocks with every `<` escaped: the text is nobody's that we know, and the raw one lies in its file. */
const APPEND = `
    append)
      if [ -s "$2" ]; then
        cat "$input" > "$3"
        if [ "$(wc -c < "$2")" -gt ${MAX_APPENDED} ]; then
          printf '\\n\\n%s/>\\n' "$4" >> "$3"
        else
          { printf '\\n\\n%s>\\n' "$4"; sed 's/</\\&lt;/g' "$2"; printf '\\n%s\\n' '${END}'; } >> "$3"
        fi
        input=$3
      fi
      shift 4 ;;`

const DROP = `
word=0
words=$#
while [ "$word" -lt "$words" ]; do
  if [ "$word" -lt "$from" ] || [ "$word" -ge "$to" ]; then set -- "$@" "$1"; fi
  shift
  word=$(($word + 1))
done`

/** What a container runs, as its `command` and `args`. */
export interface Command {
  command: string[]
  args: string[]
}

/**
 * The container that starts a program. `command` of an AgentRuntime stands in the place of the program's name, `args`
 * come after the program's own; in those two Kubernetes fills in variables, in ours it does not.
 */
export const startCommand = (
  {
    program,
    args,
    stdin = '/dev/null',
    copies = [],
    folders = [],
    cleared,
    escaped = [],
    present = [],
    appended,
    resumed,
  }: Start,
  workspaceDir: string,
  runtime: Partial<Command> = {},
): Command => {
  const words = runtime.command?.length ? runtime.command : [program]
  return {
    command: ['sh', '-c', asItIs(SCRIPT(resumed !== undefined, appended !== undefined)), 'sh'],
    args: [
      ...[
        workspaceDir,
        stdin,
        ...copies.flatMap(({ from, to }) => ['copy', from, to]),
        ...(cleared === undefined ? [] : ['clear', cleared]),
        ...folders.flatMap(({ from, to }) => ['folder', from, to]),
        ...escaped.flatMap((variable) => ['escape', variable]),
        ...present.flatMap((variable) => ['present', variable]),
        ...(resumed ? sessionStep(resumed, words.length, args.length) : []),
        // after that, which changes what is on stdin
        ...(appended ? ['append', appended.from, appended.to, appended.tag] : []),
        '--',
      ].map(asItIs),
      ...words,
      ...[...args, ...(resumed?.args ?? [])].map(asItIs),
      ...(runtime.args ?? []),
    ],
  }
}

const sessionStep = ({ folder, session, stdin = '/dev/null', args }: Resumed, words: number, first: number) => [
  ...['session', folder, session.files, session.holds, stdin],
  ...[words, first, args.length].map(String),
]

/**
 * A text that arrives in a container as it stands: in command, args and env Kubernetes takes `$(NAME)` for a variable
 * and `$$` for a dollar. https://pkg.go.dev/k8s.io/kubernetes/third_party/forked/golang/expansion
 */
export const asItIs = (text: string): string => text.replace(/\${2,}|\$(?=\()/g, (dollars) => dollars + dollars)

/** The variables that every program is started with: a folder for temporary files that is there, and plain output. */
export const plainOutput = (tmp: string): { name: string; value: string }[] => [
  { name: 'TMPDIR', value: tmp },
  { name: 'NO_COLOR', value: '1' },
  { name: 'TERM', value: 'dumb' },
]
