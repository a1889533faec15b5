/** For refine(): a rule is looked at although something else is wrong, so that everything is told at once. */
export const told = ({ message }: { message: string }) => ({
  message,
  when: ({ value }: { value: unknown }) => value !== null && typeof value === 'object' && !Array.isArray(value),
})
