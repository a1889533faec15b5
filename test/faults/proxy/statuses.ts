const REASONS: Record<number, string> = {
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The body of a refusal, as the API server writes it. */
export function statusBody(code: number, retryAfterSeconds?: number): Buffer {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `a fault on purpose: ${code}`,
    reason: REASONS[code],
    code,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
  }
  return Buffer.from(JSON.stringify(status))
}
