import { listenerTests } from '../../webhook/testdata/listenertests.ts'
import { onRuntimes } from './runtimes.ts'

/* The webhook's TLS listener as Deno and Node have it (webhook/nodeserver.ts), under the tests that Bun's passes. */

onRuntimes('listener', ({ file, run }) => listenerTests([file, ...run]))
