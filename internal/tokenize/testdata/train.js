// Writes models/*.json.gz: small models of each kind, learned from the corpus
// that texts.js writes, with the reference library and with sentencepiece.
//
//   node train.js FOLDER CORPUS    FOLDER holds node_modules; spm_train in PATH
const fs = require('fs'), os = require('os'), path = require('path'), zlib = require('zlib')
const { execFileSync } = require('child_process')
const { Tokenizer } = require(path.resolve(process.argv[2], 'node_modules/@anush008/tokenizers'))
const corpus = process.argv[3], tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'train-'))
const dir = path.join(__dirname, 'models')
fs.mkdirSync(dir, { recursive: true })

const save = (name, model) => {
  const b = zlib.gzipSync(JSON.stringify(model), { level: 9 })
  fs.writeFileSync(path.join(dir, name + '.json.gz'), b)
  console.log(name, Object.keys(model.vocab).length, 'tokens,', (model.merges || []).length, 'merges,', b.length, 'bytes')
}

function train(parts, model) {
  const t = Tokenizer.fromString(JSON.stringify({ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null,
    pre_tokenizer: null, post_processor: null, decoder: null, ...parts, model }))
  t.train([corpus])
  const f = path.join(tmp, 'out.json')
  t.save(f)
  return JSON.parse(fs.readFileSync(f, 'utf8')).model
}

// The first n merges, with every symbol that they and the bytes need.
function cut(model, n, extra) {
  const merges = model.merges.slice(0, n).map(m => Array.isArray(m) ? m : m.split(' '))
  const made = new Set(merges.map(([a, b]) => a + b)), all = new Set(model.merges.map(m => (Array.isArray(m) ? m : m.split(' ')).join('')))
  const vocab = {}
  for (const t of [...extra, ...Object.entries(model.vocab).sort((a, b) => a[1] - b[1]).map(e => e[0]).filter(t => !all.has(t) || made.has(t))])
    if (!(t in vocab)) vocab[t] = Object.keys(vocab).length
  return { ...model, vocab, merges }
}
const bytes = [...Array(256).keys()].map(b => (b > 32 && b < 127 || b > 160 && b !== 173) ? String.fromCharCode(b) : null)
let k = 256
const letters = bytes.map(c => c || String.fromCharCode(k++))

const bpe = { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: {}, merges: [] }
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
save('bytebpe', cut(train({ pre_tokenizer: byteLevel }, bpe), 6000, ['<s>', '<pad>', '</s>', '<unk>', '<mask>', ...letters]))

const clipWords = { type: 'Sequence', pretokenizers: [
  { type: 'Split', pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" }, behavior: 'Removed', invert: true },
  { ...byteLevel, use_regex: false }] }
const clipNorm = { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }] }
const clip = cut(train({ normalizer: clipNorm, pre_tokenizer: clipWords }, { ...bpe, end_of_word_suffix: '</w>' }), 3000, [...letters, ...letters.map(c => c + '</w>'), '<|startoftext|>', '<|endoftext|>'])
save('clip', { ...clip, unk_token: '<|endoftext|>' })

const bertNorm = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }
const wp = train({ normalizer: bertNorm, pre_tokenizer: { type: 'BertPreTokenizer' } }, { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: { '[UNK]': 0 } })
const pieces = Object.entries(wp.vocab).sort((a, b) => a[1] - b[1]).map(e => e[0]).slice(0, 7500)
save('wordpiece', { ...wp, vocab: Object.fromEntries([...new Set(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...pieces])].map((t, i) => [t, i])) })

// A sentencepiece model file, as far as it is needed: field 1 pieces (1 string,
// 2 float score, 3 type), field 3 normalizer (2 character map).
function sentencepiece(name, args) {
  execFileSync('spm_train', ['--input=' + corpus, '--model_prefix=' + path.join(tmp, name), '--minloglevel=2', '--num_threads=1',
    '--input_sentence_size=40000', '--random_seed=7', ...args], { stdio: 'inherit' })
  const b = fs.readFileSync(path.join(tmp, name + '.model')), pieces = []
  let map = Buffer.alloc(0)
  const fields = (b, f) => {
    for (let i = 0; i < b.length;) {
      const varint = () => { let v = 0, m = 1, c; do { c = b[i++]; v += (c & 127) * m; m *= 128 } while (c > 127); return v }
      const tag = varint(), wire = tag & 7
      if (wire === 0) f(tag >> 3, varint())
      else if (wire === 5) { f(tag >> 3, b.readFloatLE(i)); i += 4 }
      else if (wire === 1) i += 8
      else { const n = varint(); f(tag >> 3, b.subarray(i, i + n)); i += n }
    }
  }
  fields(b, (n, v) => {
    if (n === 1) { const p = { type: 1 }; fields(v, (n, v) => { if (n === 1) p.piece = v.toString(); if (n === 2) p.score = v; if (n === 3) p.type = v }); pieces.push(p) }
    if (n === 3) fields(v, (n, v) => { if (n === 2) map = v })
  })
  return { pieces, map }
}

const uni = sentencepiece('uni', ['--model_type=unigram', '--vocab_size=6000', '--character_coverage=0.999', '--normalization_rule_name=nmt_nfkc'])
save('unigram', { type: 'Unigram', unk_id: 3, byte_fallback: false, vocab: [['<s>', 0], ['<pad>', 0], ['</s>', 0], ['<unk>', 0], ...uni.pieces.filter(p => p.type === 1).map(p => [p.piece, p.score]), ['<mask>', 0]] })
fs.writeFileSync(path.join(dir, 'nmt_nfkc.gz'), zlib.gzipSync(uni.map, { level: 9 }))
const cf = sentencepiece('cf', ['--model_type=unigram', '--vocab_size=3000', '--character_coverage=0.99', '--normalization_rule_name=nmt_nfkc_cf', '--byte_fallback=true'])
save('unigrambytes', { type: 'Unigram', unk_id: 0, byte_fallback: true, vocab: cf.pieces.map(p => [p.piece, p.score]) })

// The merges of a sentencepiece BPE model: all ways to cut a token in two
// tokens, in the order of the scores of what they make.
function spbpe(name, args) {
  const { pieces } = sentencepiece(name, ['--model_type=bpe', ...args])
  const id = new Map(pieces.map((p, i) => [p.piece, i])), merges = []
  for (const [piece] of id) {
    const c = [...piece], local = []
    for (let i = 1; i < c.length; i++) {
      const a = c.slice(0, i).join(''), b = c.slice(i).join('')
      if (id.has(a) && id.has(b)) local.push([a, b])
    }
    local.sort((x, y) => id.get(x[0]) - id.get(y[0]) || id.get(x[1]) - id.get(y[1]))
    for (const m of local) merges.push([...m, pieces[id.get(piece)].score])
  }
  merges.sort((a, b) => b[2] - a[2])
  return { ...bpe, unk_token: '<unk>', fuse_unk: true, byte_fallback: args.includes('--byte_fallback=true'), vocab: Object.fromEntries([...id]), merges: merges.map(m => [m[0], m[1]]) }
}
save('spbpe', spbpe('sp', ['--vocab_size=5000', '--byte_fallback=true', '--character_coverage=0.999', '--normalization_rule_name=identity', '--remove_extra_whitespaces=false']))
save('spbpeunk', spbpe('spu', ['--vocab_size=3000', '--character_coverage=0.99', '--normalization_rule_name=nfkc', '--split_by_whitespace=false']))
