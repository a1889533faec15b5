import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../api/isfields.ts'
import { convert } from '../convert.ts'
import { lastOf, ofKubeTask, ofOpenCode, specOf, told } from '../fixtures.ts'

const named = (name: string, namespace?: string) => ({ metadata: { name, ...(namespace && { namespace }) } })
const keeps = (ttlSecondsAfterFinished: number, metadata = named('default')) =>
  ofKubeTask('KubeTaskConfig', { taskLifecycle: { ttlSecondsAfterFinished } }, metadata)
const cleans = (ttlSecondsAfterFinished: number, metadata = named('cluster')) =>
  ofOpenCode('KubeOpenCodeConfig', { cleanup: { ttlSecondsAfterFinished } }, metadata)
const task = (of: typeof ofKubeTask) => of('Task', { description: 'Go.' })

const YEAR = 31_536_000
const times: { name: string; given: Fields[]; want: number }[] = [
  { name: 'a week in KubeTask', given: [task(ofKubeTask)], want: 604_800 },
  { name: 'what is configured', given: [keeps(60), task(ofKubeTask)], want: 60 },
  { name: 'for ever', given: [keeps(0), task(ofKubeTask)], want: YEAR },
  { name: 'longer than a year', given: [keeps(YEAR * 2), task(ofKubeTask)], want: YEAR },
  { name: 'a configuration of another name', given: [keeps(60, named('other')), task(ofKubeTask)], want: 604_800 },
  { name: 'one of another namespace', given: [keeps(60, named('default', 'other')), task(ofKubeTask)], want: 604_800 },
  { name: 'for ever in KubeOpenCode', given: [task(ofOpenCode)], want: YEAR },
  { name: 'what is configured for the cluster', given: [cleans(60), task(ofOpenCode)], want: 60 },
  { name: 'what is configured for the namespace', given: [cleans(60, named('default')), task(ofOpenCode)], want: 60 },
  { name: 'nothing is kept', given: [cleans(0), task(ofOpenCode)], want: 0 },
]

describe('how long what has ended is kept', () => {
  for (const { name, given, want } of times)
    test(name, () => expect(specOf(lastOf(...given))).toMatchObject({ ttlSecondsAfterFinished: want }))
})

test('a configuration is no object, and says where its fields went', () => {
  const [config] = convert([keeps(60), task(ofKubeTask)], 'default')
  expect(config).toMatchObject({ outcome: 'none', objects: [] })
  expect(config && told(config, 'note', 'dropped')).toEqual([
    'note: ',
    'note: spec.taskLifecycle.ttlSecondsAfterFinished',
  ])
})

test('nobody has a use for it', () => {
  expect(told(lastOf(keeps(60)), 'dropped')).toEqual(['dropped: spec.taskLifecycle.ttlSecondsAfterFinished'])
  expect(told(lastOf(task(ofKubeTask), keeps(60, named('other'))), 'dropped')).toEqual(['dropped: spec'])
})

test('when the image of an Agent is pulled', () => {
  const config = ofKubeTask('KubeTaskConfig', { agentImagePullPolicy: 'Always' }, named('default'))
  const agent = ofKubeTask('Agent', { agentImage: 'a' })
  expect(specOf(lastOf(config, agent))).toMatchObject({ imagePullPolicy: 'Always' })
})
