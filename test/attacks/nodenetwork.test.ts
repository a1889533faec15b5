import { expect, test } from 'bun:test'
import { mine, ofAgent } from './podfields.ts'
import { asksFor, denied, theTenant } from './tenant.ts'

/*
 * Wanted: the network of the node, by its ports, and by what the kubelet calls.
 */

const NODE = 'is never allowed; an agent stays in its own network'
const CALLED = 'cannot be set, because the kubelet calls it from the network of the node'
/** Where in a field of a container something is refused, beside whole fields. */
const WITHIN: { name: string; given: object; path: string; words: string }[] = [
  {
    name: 'a port of the node',
    given: { ports: [{ containerPort: 80, hostPort: 80 }] },
    path: 'ports[0].hostPort',
    words: NODE,
  },
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
    ['httpGet', 'tcpSocket'].map((action) => ({
      name: `${action} of a ${probe} at another host`,
      given: { [probe]: { [action]: { host: '169.254.169.254', port: 80 } } },
      path: `${probe}.${action}.host`,
      words: CALLED,
    })),
  ),
  ...['postStart', 'preStop'].flatMap((hook) =>
    ['httpGet', 'tcpSocket'].map((action) => ({
      name: `${action} of ${hook} at another host`,
      given: { lifecycle: { [hook]: { [action]: { host: '127.0.0.1', port: 10250 } } } },
      path: `lifecycle.${hook}.${action}.host`,
      words: CALLED,
    })),
  ),
]

for (const { list, put } of [
  { list: 'containers', put: ofAgent },
  { list: 'initContainers', put: mine },
])
  for (const { name, given, path, words } of WITHIN)
    test.concurrent(`${name} is refused among ${list}`, async () => {
      const spec = { [list]: [put(given)] }
      const { refused } = await asksFor(await theTenant(), { podTemplate: { spec } })
      expect(refused?.split('; spec.')[0]).toBe(denied(`spec.podTemplate.spec.${list}[0].${path}: ${words}`))
    })
