// In one file, and in this order: x509 needs what reflect-metadata puts into the world. A direct import() of either, which
// is CommonJS, ends as "m is not a function" in a minified bundle.
import 'reflect-metadata'

export * from '@peculiar/x509'
