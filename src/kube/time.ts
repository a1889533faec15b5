/** Kubernetes' MicroTime, of milliseconds since the epoch: RFC 3339 with six decimals. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
