import { registerHooks } from 'node:module'

/** `node --import` of this file makes `bun:test` mean buntest.ts; Deno has imports.json for that. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'bun:test'
      ? { url: new URL('buntest.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
})
