// Writes golden/NAME.gz: what the reference library makes of the texts, for each
// variant and for each published tokenizer that is installed.
//
//   node oracle.js FOLDER [NAME…]    FOLDER holds node_modules, see install.sh
//
// A file is 32-bit hashes (FNV-1a, big-endian) of descriptions of encodings:
// one for each text; then, for every ninth text, one of it and another text as
// a pair, of both shortened to 12 tokens, and of the pair shortened from the
// left to 9 tokens. A description is
//
//   ids|offsets|words|types|special|text
//
// where lists are joined by commas, offsets count characters, words that are
// none are -1 and text is what decoding without special tokens gives. After the
// hashes comes, as JSON, the ids of every 90th text. With FULL=folder set, all
// descriptions are written there, as JSON.
const fs = require('fs'), path = require('path'), zlib = require('zlib')
const folder = path.resolve(process.argv[2]), only = process.argv.slice(3)
const { Tokenizer } = require(path.join(folder, 'node_modules/@anush008/tokenizers'))
const gunzip = f => zlib.gunzipSync(fs.readFileSync(path.join(__dirname, f)))
const texts = JSON.parse(gunzip('texts.json.gz')), variants = JSON.parse(fs.readFileSync(path.join(__dirname, 'variants.json')))
const charsmap = gunzip('models/nmt_nfkc.gz').toString('base64')

function build(name) {
  const { model, ignore_merges, fuse_unk, ...parts } = variants[name]
  const m = JSON.parse(gunzip('models/' + model + '.json.gz'))
  if (ignore_merges !== undefined) m.ignore_merges = ignore_merges
  if (fuse_unk !== undefined) m.fuse_unk = fuse_unk
  parts.added_tokens = parts.added_tokens.map((t, i) => ({ id: i, ...t }))
  return JSON.stringify({ version: '1.0', truncation: null, padding: null, ...parts, model: m }).replace('CHARSMAP', charsmap)
}

function fnv(s) {
  let h = 0x811c9dc5
  for (const c of Buffer.from(s)) h = Math.imul(h ^ c, 0x01000193) >>> 0
  return h
}

async function describe(t, a, b) {
  let e
  try { e = await t.encode(a, b) } catch (err) { return 'error' }
  const ids = e.getIds(), text = await t.decode(ids, true)
  return [ids, e.getOffsets().flat(), e.getWordIds().map(w => w ?? -1), e.getTypeIds(), e.getSpecialTokensMask(), text].join('|')
}

async function run(name, json) {
  const t = Tokenizer.fromString(json), out = [], ids = []
  for (let i = 0; i < texts.length; i++) {
    out.push(await describe(t, texts[i]))
    if (i % 90 === 0) ids.push((await t.encode(texts[i])).getIds())
  }
  const other = i => texts[(i * 7 + 1) % texts.length]
  for (let i = 0; i < texts.length; i += 9) {
    out.push(await describe(t, texts[i], other(i)))
    t.setTruncation(12, { strategy: 'LongestFirst', direction: 'right' })
    out.push(await describe(t, texts[i]), await describe(t, texts[i], other(i)))
    t.setTruncation(9, { strategy: 'LongestFirst', direction: 'left' })
    out.push(await describe(t, texts[i], other(i)))
    t.disableTruncation()
  }
  const b = Buffer.alloc(4 * out.length)
  out.forEach((s, i) => b.writeUInt32BE(fnv(s), 4 * i))
  fs.mkdirSync(path.join(__dirname, 'golden'), { recursive: true })
  fs.writeFileSync(path.join(__dirname, 'golden', name + '.gz'), zlib.gzipSync(Buffer.concat([b, Buffer.from(JSON.stringify(ids))]), { level: 9 }))
  if (process.env.FULL) fs.writeFileSync(path.join(process.env.FULL, name + '.json'), JSON.stringify(out))
  console.log(name, out.length, out.filter(s => s === 'error').length, 'errors')
}

(async () => {
  for (const name in variants) if (!only.length || only.includes(name)) await run(name, build(name))
  const lenml = path.join(folder, 'node_modules/@lenml')
  for (const d of fs.existsSync(lenml) ? fs.readdirSync(lenml) : []) {
    const name = d.replace('tokenizer-', 'published-'), f = path.join(lenml, d, 'models/tokenizer.json')
    if (fs.existsSync(f) && (!only.length || only.includes(name))) await run(name, fs.readFileSync(f, 'utf8'))
  }
})()
