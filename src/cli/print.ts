import { type ScalarTag, stringify } from 'yaml'

/** Characters that kubectl's parser reads otherwise than they are written, or not at all. */
const DELICATE = /[^\P{Cc}\n\t]|[\u2028\u2029\ufeff\ufffe\uffff]|^\t|\n\t|^0o/u

const delicate: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && DELICATE.test(value),
  resolve: (text) => text,
  stringify: ({ value }) =>
    JSON.stringify(value).replace(
      /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
}

/** YAML that every parser of Kubernetes' reads back as the same value: `"yes"` and `"0777"` stay strings. */
export const toYaml = (value: unknown): string =>
  stringify(value, {
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    customTags: (tags) => [delicate, ...tags],
  })

/** JSON as kubectl prints it. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 4)}\n`

/** Several objects in one, as kubectl prints them. */
export const listOf = (items: unknown[]) => ({
  apiVersion: 'v1',
  kind: 'List',
  metadata: { resourceVersion: '' },
  items,
})
