/**
 * A text whose URLs name nobody. A user's name is a token at some hosts, and who reads a status, or what a pipeline says of
 * a manifest, need not be one who may know it.
 */
export const withoutUser = (text: string): string => text.replace(/(https?:\/\/)[^/?#@\s"]+@/g, '$1…@')
