import { expect, test } from 'bun:test'
import { quoted } from './quoted.ts'

const cases: { name: string; text: string; want: string }[] = [
  { name: 'nothing', text: '', want: '""' },
  { name: 'what JSON escapes', text: 'a"b\\c\n\t\u0000', want: '"a\\"b\\\\c\\n\\t\\u0000"' },
  {
    name: 'what YAML and TOML want escaped',
    text: '\u007f\u0085\u2028\ufeff\uffff',
    want: '"\\u007f\\u0085\\u2028\\ufeff\\uffff"',
  },
  { name: 'every language', text: 'é日本🐙', want: '"é日本🐙"' },
  { name: 'half a character', text: 'a\ud83db', want: '"a\ufffdb"' },
]

for (const { name, text, want } of cases) test(`quoted: ${name}`, () => expect(quoted(text)).toBe(want))
