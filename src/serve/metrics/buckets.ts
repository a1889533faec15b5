/** Upper ends of the buckets for what takes milliseconds, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30]

/** The same for runs of agents: from a precheck that finds nothing to a working day. */
export const RUN_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800]
