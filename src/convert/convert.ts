import { type Fields, isFields } from '../api/isfields.ts'
import { GROUP } from '../api/kind.ts'
import { withoutNulls } from '../api/nulls.ts'
import { nearest } from '../api/unknownfields.ts'
import { aroundOf, groupOf, indexOf, nameOf } from './around.ts'
import type { Around, Peer } from './foreign.ts'
import { kubeTask } from './kubetask/peer.ts'
import type { Note } from './note.ts'
import { noTraces, readerOf } from './reader.ts'
import { settle } from './settle.ts'
import { shown } from './shown.ts'
import { target } from './target.ts'
import { thurkube } from './thurkube.ts'

/** The systems whose manifests are taken over. */
export const peers: Peer[] = [thurkube, kubeTask]

/** What became of one object of the input. */
export interface Conversion {
  /** `passed` on as it is, because it is nobody's whose manifests we take over. */
  outcome: 'converted' | 'passed' | 'none'
  /** Ours, all of them valid. */
  objects: Fields[]
  notes: Note[]
}

/**
 * Converts the objects of a whole input, of whatever shape: the result has one entry for each, in the same order. They
 * are looked at together, because a Task's Agent, Contexts and configuration decide what it means. `namespace` is that of
 * objects that name none.
 */
export function convert(input: Fields[], namespace: string): Conversion[] {
  const objects = input.map(withoutNulls)
  const ofPeer = (peer: Peer) => objects.flatMap(({ object }) => (peerOf(object) === peer ? [object] : []))
  const indexes = new Map(peers.map((peer) => [peer, indexOf(ofPeer(peer), namespace)]))
  const conversions = objects.map(({ object, nulls }, position) => {
    const peer = peerOf(object)
    const index = peer && indexes.get(peer)
    if (!peer || !index) return passedOn(input[position] as Fields)
    const conversion = convertOne(object, peer, aroundOf(object, index, namespace))
    return { ...conversion, notes: [...nulls.map((one): Note => ({ severity: 'note', ...one })), ...conversion.notes] }
  })
  refuseTwins(conversions, namespace)
  return conversions
}

const peerOf = (object: Fields): Peer | undefined => peers.find(({ groups }) => groups.includes(groupOf(object)))

function convertOne(object: Fields, peer: Peer, around: Around): Conversion {
  const foreign = peer.kinds.find(({ kind }) => kind === object.kind)
  if (!foreign) return { outcome: 'none', objects: [], notes: [unknownKind(object, peer)] }
  if (isFields(object.metadata) && object.metadata.deletionTimestamp !== undefined)
    return { outcome: 'none', objects: [], notes: [{ severity: 'note', path: '', message: BEING_DELETED }] }
  const traces = noTraces()
  const made = foreign.make(readerOf(object, traces), around)
  traces.notes.push(...versionNotes(object, peer))
  const targets = made.map((one) => target(one, object, foreign.fates, traces))
  traces.notes.push(...targets.flatMap(({ notes }) => notes))
  const notes = settle(object, foreign.fates, traces)
  const objects = targets.flatMap(({ object }) => (object ? [object] : []))
  const valid = objects.length > 0 && !notes.some(({ severity }) => severity === 'error')
  return { outcome: valid ? 'converted' : 'none', objects: valid ? objects : [], notes }
}

const BEING_DELETED = 'is being deleted, and nothing is made of it'

function unknownKind(object: Fields, { name, kinds }: Peer): Note {
  const known = kinds.map(({ kind }) => kind)
  const near = nearest(shown(object.kind), known)
  const right = near ? `did you mean ${near}?` : `known: ${known.join(', ')}`
  return {
    severity: 'dropped',
    path: 'kind',
    message: `${name} has no kind ${shown(object.kind)} that is known here; ${right}`,
  }
}

function versionNotes({ apiVersion }: Fields, { versions }: Peer): Note[] {
  const version = shown(apiVersion).split('/')[1]
  if (versions.includes(version as string)) return []
  const message = `the version ${version} is not known here; it is read as ${versions.join(', ')}`
  return [{ severity: 'note', path: 'apiVersion', message }]
}

function passedOn(object: Fields): Conversion {
  const message =
    groupOf(object) === GROUP
      ? 'is one of ours already; passed on as it is'
      : 'is of no kind that is taken over; passed on as it is'
  return { outcome: 'passed', objects: [object], notes: [{ severity: 'note', path: '', message }] }
}

/** Two objects may become one of ours of the same kind and name: the second is refused, as is a twin of one passed on. */
function refuseTwins(conversions: Conversion[], namespace: string): void {
  const isPassed = ({ outcome }: Conversion) => outcome === 'passed'
  const known = ({ objects }: Conversion) =>
    objects.flatMap((object) => {
      const { kind, namespace: at, name } = nameOf(object, namespace)
      return groupOf(object) === GROUP && name !== '' ? [`${kind} ${at}/${name}`] : []
    })
  const taken = new Set(conversions.filter(isPassed).flatMap(known))
  for (const conversion of conversions.filter((one) => !isPassed(one)))
    for (const one of known(conversion)) {
      if (taken.has(one)) {
        conversion.outcome = 'none'
        conversion.objects = []
        const message = `${one} comes out of another object as well; give one of them another name`
        conversion.notes.unshift({ severity: 'error', path: 'metadata.name', message })
      }
      taken.add(one)
    }
}
