/** What names a Git repository that is fetched for an agent: nothing of the node that its pod runs on. */
export const GIT_URL = /^((https?|ssh):\/\/[^\s@]+(@[^\s@]+)?|\w[-\w.]*@\w[-\w.]*:[^\s@]+)$/

/** A branch, a tag or a commit, and nothing that Git takes for an option. */
export const GIT_REF = /^[^\s-]\S*$/

const PASSWORD = /^(https?:\/\/[^/]*@|ssh:\/\/[^/@]*:[^/@]*@)/
/** Whether a URL holds a password, or a token in the place of a user, for everybody who may read the object. */
export const hasPassword = (url: string): boolean => PASSWORD.test(url)
