// Writes ../unicode.bin: the character classes and the lower-case map that the
// reference library uses, asked of the library itself, one code point at a time.
//
//   node unicode.js FOLDER    FOLDER holds node_modules, see install.sh
const fs = require('fs'), path = require('path')
const { Tokenizer } = require(path.resolve(process.argv[2], 'node_modules/@anush008/tokenizers'))

const all = []
for (let c = 0; c < 0x110000; c++) if (c < 0xd800 || c > 0xdfff) all.push(c)
const load = parts => Tokenizer.fromString(JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null,
  post_processor: null, decoder: null, model: { type: 'WordLevel', vocab: { '[UNK]': 0 }, unk_token: '[UNK]' }, ...parts }))

// Characters that a pre-tokenizer removes.
function removed(pre) {
  const p = load({ pre_tokenizer: pre }).getPreTokenizer(), left = new Set(all)
  for (let i = 0; i < all.length; i += 4096)
    for (const [s] of p.preTokenizeString(String.fromCodePoint(...all.slice(i, i + 4096))))
      for (const ch of s) left.delete(ch.codePointAt(0))
  return left
}
const regex = r => removed({ type: 'Split', pattern: { Regex: r }, behavior: 'Removed', invert: false })

// Characters c for which "ab" c "ab" falls into a number of pieces.
function pieces(pre, n) {
  const p = load({ pre_tokenizer: pre }).getPreTokenizer()
  return new Set(all.filter(c => p.preTokenizeString('ab' + String.fromCodePoint(c) + 'ab').length === n))
}

// What a normalizer makes of c between "a" and "b".
function mapped(norm) {
  const n = load({ normalizer: norm }).getNormalizer(), m = new Map()
  for (const c of all) {
    const s = 'a' + String.fromCodePoint(c) + 'b', r = n.normalizeString(s)
    if (r !== s) m.set(c, r.slice(1, -1))
  }
  return m
}
const bert = o => mapped({ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: false, lowercase: false, ...o })

const nfd = mapped({ type: 'NFD' }), accents = bert({ strip_accents: true }), clean = bert({ clean_text: true })
const strip = mapped({ type: 'StripAccents' })
const emptyIn = m => new Set([...m].filter(([, v]) => v === '').map(([c]) => c))
const L = regex('\\p{L}'), M = regex('\\p{M}'), P = regex('\\p{P}'), S = regex('\\p{S}')
const or = (...sets) => new Set(sets.flatMap(s => [...s]))
const Lm = regex('\\p{Lm}'), Lo = regex('\\p{Lo}')
const classes = [ // the order of the bits in class.go
  L, regex('\\p{N}'), regex('\\s'), or(regex('\\p{Lu}'), regex('\\p{Lt}'), Lm, Lo, M), or(regex('\\p{Ll}'), Lm, Lo, M), M,
  or(P, S), pieces({ type: 'BertPreTokenizer' }, 3), pieces({ type: 'Whitespace' }, 1),
  new Set([...emptyIn(accents)].filter(c => !nfd.has(c))), emptyIn(strip), emptyIn(clean),
  pieces({ type: 'Digits', individual_digits: true }, 3), regex('\\w'), regex('\\d'), P,
]

const out = []
const varint = n => { while (n > 127) { out.push(n & 127 | 128); n = Math.floor(n / 128) } out.push(n) }
const zigzag = n => varint(n < 0 ? -2 * n - 1 : 2 * n)
let last = 0, start = 0, runs = []
for (let c = 0; c <= 0x110000; c++) {
  let bits = 0
  if (c < 0x110000) classes.forEach((s, i) => { if (s.has(c)) bits |= 1 << i })
  if (c === 0x110000 || bits !== last) { runs.push([c - start, last]); start = c; last = bits }
}
varint(runs.length)
for (const [n, bits] of runs) { varint(n); varint(bits) }
const lower = [...mapped({ type: 'Lowercase' })].filter(([, v]) => [...v].length === 1)
varint(lower.length)
last = 0
for (const [c, v] of lower) { varint(c - last); zigzag(v.codePointAt(0) - c); last = c }
fs.writeFileSync(path.join(__dirname, '..', 'unicode.bin'), Buffer.from(out))
console.log(runs.length, 'runs,', lower.length, 'lower,', out.length, 'bytes;', 'lower case of more than one character:',
  [...mapped({ type: 'Lowercase' })].filter(([, v]) => [...v].length !== 1).map(([c]) => c.toString(16)).join(' '))
