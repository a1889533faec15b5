/** What a process reports of its keys. */
export interface SigningMetrics {
  /** The epoch of the signatures that this process makes (`agentjob_signing_epoch`). */
  signsUnder(epoch: number): void
}
