import { below, type Fates } from '../fates.ts'
import { METADATA, OF_CONTROLLER } from '../metadata.ts'
import { CONTEXT_ITEM } from './contextfates.ts'

/** The fields of a Task's spec, which stand in a CronTask and a TaskTemplate, too. */
const TASK_SPEC: Fates = {
  description: { to: 'prompt', sometimes: 'a sentence is written where there are contexts alone' },
  agentRef: { to: 'runtimeRef', sometimes: 'default is written where it is left out' },
  'agentRef.name': { to: 'runtimeRef' },
  'agentRef.namespace': {
    to: 'runtimeRef',
    sometimes:
      'another namespace is dropped: AgentRuntimes are looked up in that of the AgentJob and in the library namespace, and runs stay in that of the AgentJob',
  },
  'templateRef.name': { to: 'runtimeRef', sometimes: 'an AgentTemplate becomes an AgentRuntime, too' },
  'taskTemplateRef.name': {
    to: 'AgentJob spec',
    sometimes: 'what the TaskTemplate says is written in; dropped where it is not among the input',
  },
  'taskTemplateRef.namespace': { to: 'AgentJob spec' },
  humanInTheLoop: { to: 'humanInTheLoop' },
  'humanInTheLoop.enabled': { to: 'humanInTheLoop.enabled' },
  'humanInTheLoop.keepAlive': { to: 'humanInTheLoop.keepAlive', sometimes: 'more than 24h is refused' },
  'humanInTheLoop.ports': { dropped: 'kubectl port-forward reaches every port of a pod, named or not' },
  outputs: {
    dropped:
      'an AgentRuntime says which files become outputs, for every run on it: write them into AgentRuntime.spec.outputs',
  },
  timeout: { to: 'timeoutSeconds', sometimes: 'in whole seconds' },
  ...below('contexts[]', CONTEXT_ITEM),
}

/** The fields of Task in all generations. */
export const TASK: Fates = { ...METADATA, ...below('spec', TASK_SPEC), status: { left: OF_CONTROLLER } }

/** The fields of CronTask in all generations. */
export const CRON_TASK: Fates = {
  ...METADATA,
  'spec.schedule': { to: 'spec.schedule', sometimes: 'a time zone that stands before it goes to spec.timezone' },
  'spec.timeZone': {
    to: 'spec.timezone',
    sometimes: 'Etc/UTC where it is left out, the zone of a controller in its own image',
  },
  'spec.concurrencyPolicy': {
    to: 'spec.concurrencyPolicy',
    sometimes: 'Replace ends the run that is going on; its log is kept',
  },
  'spec.suspend': { to: 'spec.suspend' },
  'spec.startingDeadlineSeconds': { to: 'spec.startingDeadlineSeconds' },
  'spec.successfulTasksHistoryLimit': { to: 'spec.successfulRunsHistoryLimit' },
  'spec.failedTasksHistoryLimit': { to: 'spec.failedRunsHistoryLimit', sometimes: '1 is written where it is left out' },
  'spec.maxRetainedTasks': {
    to: 'spec.successfulRunsHistoryLimit',
    note: 'counts successful and failed runs together there; here it is written for both',
  },
  'spec.taskTemplate.metadata': {
    dropped: 'a run is a Job, without an object of its own; metadata of podTemplate labels its pods',
  },
  ...below('spec.taskTemplate.spec', TASK_SPEC, 'spec'),
  status: { left: OF_CONTROLLER },
}

/** The fields of TaskTemplate. */
export const TASK_TEMPLATE: Fates = { ...METADATA, ...below('spec', TASK_SPEC), status: { left: OF_CONTROLLER } }
