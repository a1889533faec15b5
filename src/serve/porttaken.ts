/** Throws what a listener has failed with; of a port that is taken, in a sentence with the option that names another. */
export const portTaken =
  (port: number, option: string) =>
  (error: NodeJS.ErrnoException): never => {
    // each runtime has words of its own
    throw error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken already; ${option} names another`) : error
  }
