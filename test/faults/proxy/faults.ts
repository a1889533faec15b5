import type { Match } from './traffic.ts'

/** How a connection ends: in order, but too early, or reset. */
export type Cut = 'fin' | 'rst'

/** What can happen to one request. */
export type RequestFault =
  /** It arrives late; also when its sender has given up and gone, as a packet on its way would. */
  | { kind: 'late-request'; ms: number }
  /** It is carried out at once, and the answer comes late. */
  | { kind: 'late-answer'; ms: number }
  /** The connection ends before the request arrives. */
  | { kind: 'lost-request'; cut: Cut }
  /** The API server carries it out; the connection ends before its answer. */
  | { kind: 'lost-answer'; cut: Cut }
  /** The connection ends in the middle of the answer's body. */
  | { kind: 'half-answer'; cut: Cut }
  /** The API server says this and does nothing. `retryAfter` is in seconds. */
  | { kind: 'refused'; status: 410 | 429 | 500 | 503 | 504; retryAfter?: number }
  /** It is carried out, but the answer is this: a time limit was over first. */
  | { kind: 'misreported'; status: 500 | 504 }

/** What can happen to a watch that is open. */
export type WatchFault =
  /** It ends, at once or in the middle of its next line. */
  | { kind: 'cut'; cut: Cut; midLine: boolean }
  /** An ERROR event: the server cannot go on from there; another watch is refused, until there was a list. */
  | { kind: 'gone' }
  /** From now on everything comes late, in order. */
  | { kind: 'lag'; ms: number }
  /** Nothing comes for a while; then everything at once, or the end. */
  | { kind: 'stall'; ms: number; cut?: Cut }
  /** The next events come twice. */
  | { kind: 'duplicate'; events: number }
  /** The next events come in pairs whose halves have changed places, where they are of different objects. */
  | { kind: 'swap'; events: number }

/** What can happen to everything between one replica and the API server. */
export type LinkFault =
  /** Not a byte for a while, on no connection; then what was on its way arrives. */
  | { kind: 'silence'; ms: number }
  /** All connections are reset, and new ones as well for a while. */
  | { kind: 'outage'; ms: number }

/** A fault to come: for the next `times` requests that match, for the watches that match and are open, or for the link. */
export type TrafficFault =
  | { on: 'request'; match: Match; times: number; fault: RequestFault }
  | { on: 'watch'; match: Match; fault: WatchFault }
  | { on: 'link'; fault: LinkFault }

/** The requests that a fault is still to hit, in the order in which they were asked for. */
export function createArmed() {
  const armed: { match: Match; left: number; fault: RequestFault }[] = []
  return {
    arm(match: Match, times: number, fault: RequestFault) {
      armed.push({ match, left: times, fault })
    },
    /** What happens to a request, if anything; it counts. */
    next(hits: (match: Match) => boolean): RequestFault | undefined {
      const found = armed.find(({ match, left }) => left > 0 && hits(match))
      if (found) found.left--
      return found?.fault
    },
    clear() {
      armed.length = 0
    },
  }
}
