import { AGENT_CONTAINER } from '../expand/pod.ts'
import type { ContainerState, Pod } from './observed.ts'

/** By it pods are in the order of their creation; within a second, of their names. */
export const ageOf = ({ metadata }: Pod): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`

/** The state of the agent's container, as far as it is known. */
export const agentState = (pod: Pod | undefined): ContainerState | undefined =>
  pod?.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)?.state
