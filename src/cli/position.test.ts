import { expect, test } from 'bun:test'
import { parseDocument } from 'yaml'
import { parseFieldPath } from '../api/finding.ts'
import { offsetOf } from './position.ts'

const text = `metadata:
  labels: {a.b/c: x}
base: &base
  shared: 1
spec:
  <<: *base
  env:
    - name: A
    -
      value: b
  alias: *base
  twice: 1
  twice: 2
`
const places: { path: string; want: string }[] = [
  { path: 'metadata', want: 'metadata:' },
  { path: 'metadata.labels["a.b/c"]', want: 'a.b/c: x' },
  { path: 'spec.env[0]', want: 'name: A' },
  { path: 'spec.env[0].name', want: 'name: A' },
  { path: 'spec.env[1].value', want: 'value: b' },
  { path: 'spec.shared', want: 'shared: 1' },
  { path: 'spec.alias.shared', want: 'shared: 1' },
  { path: 'spec.twice', want: 'twice: 2' },
  { path: 'spec.env[7].name', want: 'env:' },
  { path: 'spec.prompt', want: 'spec:' },
  { path: 'metadata.labels["a.b/c"].deeper', want: 'a.b/c: x' },
  { path: '', want: 'metadata:' },
]

test.each(places)('"$path" stands at "$want"', ({ path, want }) => {
  const document = parseDocument(text, { version: '1.1' })
  expect(text.slice(offsetOf(document, parseFieldPath(path)))).toStartWith(want)
})
