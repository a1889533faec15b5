/** Without the members that are undefined, so that equal objects are equal. */
export const compact = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
