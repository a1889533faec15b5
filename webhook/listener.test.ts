import { describe } from 'bun:test'
import { listenerTests } from './testdata/listenertests.ts'

/** The other runtimes have their turn in test/runtime. */
describe('listener on bun', () => listenerTests([process.execPath]))
