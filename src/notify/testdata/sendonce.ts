import { createSender } from '../send.ts'
import { notificationKey } from '../signature.ts'

/*
 * Sends one notification from a process of its own, for what only the environment of a process can say: whom it trusts,
 * and which proxies there are. Arguments: the URL, the address of its host. Prints the attempt.
 */
const [, , url = '', address = ''] = process.argv
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const send = createSender({
  settings: { hosts: [], privateHosts: [new URL(url).host] },
  key: () => notificationKey(new Uint8Array(32)),
  now: () => new Date(),
  log: quiet,
  resolve: async () => [address],
  isAllowed: () => true,
})
console.log(JSON.stringify(await send({ id: 'run', url, body: '{}', about: {} }, 0, new AbortController().signal)))
process.exit(0)
