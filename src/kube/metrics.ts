/** What the client reports about itself; the names in brackets are those that dashboards of other controllers know. */
export interface KubeMetrics {
  /**
   * One answered or failed request; `code` is the HTTP status, or `<error>`; `host` has the port, if there is one
   * (`rest_client_requests_total{code,method,host}`, `rest_client_request_duration_seconds{verb,host}`).
   */
  requested(method: string, code: string, host: string, seconds: number): void
  /** A reflector listed its resource from scratch; `resource` is the plural (`reflector_lists_total{resource}`). */
  listed(resource: string): void
  /** Objects that a full list had and the cache had not, or the other way round (`reflector_missed_total{resource}`). */
  missed(resource: string, objects: number): void
  /** Whether this process holds the lease now (`leader_election_master_status{name}`, 1 or 0). */
  leading(lease: string, holds: boolean): void
}
