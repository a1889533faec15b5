import { asItIs, type Command } from './start.ts'

/**
 * Runs a program and stays when it has ended, for people who want to look around. The same text for everybody:
 *
 *     TIMEOUT KEEP-ALIVE PROGRAM ARGUMENT…        both in seconds
 *
 * SIGTERM reaches the program; after the program it ends everything at once. The exit code is the program's. After
 * TIMEOUT that gets SIGTERM, 30 seconds later SIGKILL, and this shell waits for the deadline of its pod, by which
 * Kubernetes tells a timeout from a failure. Where somebody ends it before, it is a failure: 124 instead of 0.
 *
 * POSIX sh, and sleep. Names are of our own, because a variable that is in the environment would change for the program,
 * too. As the first process it gets no signal that it has no trap for. `wait` comes back when a trap was run, with a code
 * that is not the program's, and has to be asked again; it says 127 of a program whose code it has told before. What a
 * shell starts in the background ignores SIGINT: the STOPSIGNAL of an image may be that one, and is turned into SIGTERM.
 */
const SCRIPT = `aj_limit=$1
aj_keep=$2
shift 2
aj_told= aj_late= aj_nap= aj_code=
trap 'exit 143' TERM INT
exec "$@" &
aj_agent=$!
trap 'aj_told=1; aj_heard=1; kill -TERM "$aj_agent" 2> /dev/null' TERM INT
trap 'aj_heard=1; kill "-\${aj_late:-TERM}" "$aj_agent" 2> /dev/null; aj_late=KILL' USR1
(
  trap 'kill "$aj_nap"; exit' TERM
  for aj_seconds in "$aj_limit" 30; do
    sleep "$aj_seconds" &
    aj_nap=$!
    wait "$aj_nap" || exit
    kill -USR1 "$$"
  done
) > /dev/null 2>&1 &
aj_watch=$!
while
  aj_heard=
  wait "$aj_agent" 2> /dev/null
  aj_now=$?
  [ "$aj_now" = 127 ] && [ -n "$aj_code" ] || aj_code=$aj_now
  [ -n "$aj_heard" ]
do :; done
trap 'kill "$aj_nap" 2> /dev/null; exit "$aj_code"' TERM INT
trap '' USR1
kill "$aj_watch" 2> /dev/null
[ -z "$aj_told" ] || exit "$aj_code"
aj_how="ended with exit code $aj_code"
[ -z "$aj_late" ] || aj_how="was ended after $aj_limit s, with exit code $aj_code"
echo "agentjob: the agent $aj_how; its container stays for $aj_keep s" >&2
[ -z "$aj_late" ] || [ "$aj_code" != 0 ] || aj_code=124
while
  sleep "$aj_keep" &
  aj_nap=$!
  wait "$aj_nap"
  [ -n "$aj_late" ]
do :; done
exit "$aj_code"
`

/** How long a program may run and how long its container stays after it, in seconds. */
export interface KeptAlive {
  timeout: number
  keep: number
}

/** The container that runs a command and stays after it; in the command Kubernetes fills in variables as before. */
export const keptAlive = ({ command, args }: Command, { timeout, keep }: KeptAlive): Command => ({
  command: ['sh', '-c', asItIs(SCRIPT), 'sh'],
  args: [String(timeout), String(keep), ...command, ...args],
})
