import { AGENT_CONTAINER } from '../expand/pod.ts'
import type { ContainerState, Pod } from './observed.ts'

/** By it pods are in the order of their creation; within a second, of their names. */
export const ageOf = ({ metadata }: Pod): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`

/** The state of the agent's container, as far as it is known. */
export const agentState = (pod: Pod | undefined): ContainerState | undefined =>
  pod?.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)?.state

/** Whether an agent has been started: of a container that never was, the kubelet says that it was terminated, but not when. */
export const hasRun = (agent: ContainerState | undefined): boolean =>
  agent?.running !== undefined || Boolean(agent?.terminated?.finishedAt)
