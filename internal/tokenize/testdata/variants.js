// Writes variants.json: the tokenizers that the small models are tested in. Each
// is a tokenizer.json without its model, which is named; CHARSMAP stands for
// models/nmt_nfkc.gz in base64.
//
//   node variants.js
const fs = require('fs'), path = require('path')
const special = (content, o = {}) => ({ content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...o })
const plain = (content, o = {}) => special(content, { special: false, normalized: true, ...o })
const seq = (list, name) => ({ type: 'Sequence', [name]: list })
const pre = (...l) => seq(l, 'pretokenizers'), norm = (...l) => seq(l, 'normalizers'), dec = (...l) => seq(l, 'decoders'), post = (...l) => seq(l, 'processors')
const split = (Regex, behavior = 'Isolated', invert = false) => ({ type: 'Split', pattern: { Regex }, behavior, invert })
const splitString = (String, behavior, invert = false) => ({ type: 'Split', pattern: { String }, behavior, invert })
const byteLevel = (add_prefix_space, use_regex, trim_offsets = true) => ({ type: 'ByteLevel', add_prefix_space, trim_offsets, use_regex })
const replace = (pattern, content) => ({ type: 'Replace', pattern, content })
const metaspace = (prepend_scheme, split = true) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme, split })
const bert = (o = {}) => ({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true, ...o })
const template = (single, pair, specials) => {
  const piece = s => { const [id, type] = s.split(':'); return id[0] === '$' ? { Sequence: { id: id[1], type_id: +type } } : { SpecialToken: { id, type_id: +type } } }
  return { type: 'TemplateProcessing', single: single.split(' ').map(piece), pair: pair.split(' ').map(piece),
    special_tokens: Object.fromEntries(Object.entries(specials).map(([id, n]) => [id, { id, ids: [n], tokens: [id] }])) }
}
const N = type => ({ type })
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
const cl100k = d => `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${d}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const U = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]', L = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
const o200k = (c, d) => `[^\\r\\n\\p{L}\\p{N}]?${U}*${L}+${c}|[^\\r\\n\\p{L}\\p{N}]?${U}+${L}*${c}|\\p{N}${d}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const qwen35 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const tail = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
const deepseek = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
const bertAdded = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map(t => special(t))
const bertTemplate = template('[CLS]:0 $A:0 [SEP]:0', '[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1', { '[CLS]': 2, '[SEP]': 3 })
const spAdded = [special('<s>'), special('<pad>'), special('</s>'), special('<unk>'), special('<mask>', { lstrip: true })]
const byteDec = byteLevel(true, true)

const v = {
  // WordPiece
  bert: { model: 'wordpiece', normalizer: bert(), pre_tokenizer: N('BertPreTokenizer'), post_processor: bertTemplate, decoder: { type: 'WordPiece', prefix: '##', cleanup: true }, added_tokens: bertAdded },
  bertcased: { model: 'wordpiece', normalizer: bert({ lowercase: false, strip_accents: false }), pre_tokenizer: N('BertPreTokenizer'), post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] }, decoder: { type: 'WordPiece', prefix: '##', cleanup: false }, added_tokens: bertAdded },
  bertodd: { model: 'wordpiece', normalizer: bert({ clean_text: false, handle_chinese_chars: false, strip_accents: true }), pre_tokenizer: pre(N('WhitespaceSplit'), { type: 'Punctuation', behavior: 'Contiguous' }), post_processor: null, decoder: null,
    added_tokens: [...bertAdded, plain('hello'), plain('World', { single_word: true }), plain('Ünï', { rstrip: true }), plain('fox', { lstrip: true, rstrip: true }), special('<s>', { single_word: true }), special('<mask>', { lstrip: true, rstrip: true })] },
  bertwords: { model: 'wordpiece', normalizer: norm(N('NFKD'), N('StripAccents'), N('Lowercase'), { type: 'Strip', strip_left: true, strip_right: true }), pre_tokenizer: pre(N('Whitespace'), { type: 'Digits', individual_digits: true }), post_processor: bertTemplate, decoder: { type: 'WordPiece', prefix: '##', cleanup: true }, added_tokens: bertAdded },
  bertnfc: { model: 'wordpiece', normalizer: norm(N('NFC'), N('Lowercase')), pre_tokenizer: pre({ type: 'CharDelimiterSplit', delimiter: ' ' }, { type: 'Punctuation', behavior: 'MergedWithPrevious' }, { type: 'Digits', individual_digits: false }), post_processor: bertTemplate, decoder: null, added_tokens: bertAdded },
  bertnext: { model: 'wordpiece', normalizer: norm(N('Nmt'), N('NFD')), pre_tokenizer: pre(split('\\s+', 'Removed'), { type: 'Punctuation', behavior: 'MergedWithNext' }), post_processor: null, decoder: { type: 'CTC', pad_token: '##', word_delimiter_token: 'e', cleanup: true }, added_tokens: bertAdded },
  bertrest: { model: 'wordpiece', normalizer: norm({ type: 'Strip', strip_left: true, strip_right: false }, replace({ Regex: ' {2,}' }, ' '), N('NFKC'), replace({ String: 'a' }, 'bb')), pre_tokenizer: pre(split('[\\r\\n]|\\s?\\p{L}+|\\d{2,3}', 'Contiguous'), splitString('e', 'MergedWithNext', true), split('\\w+|[^\\w\\s]+', 'Removed', true)), post_processor: null, decoder: dec(replace({ Regex: 'e+' }, '3'), { type: 'Strip', content: '#', start: 1, stop: 0 }), added_tokens: bertAdded },

  // byte-level BPE
  gpt2: { model: 'bytebpe', normalizer: null, pre_tokenizer: byteLevel(false, true), post_processor: byteLevel(false, true, true), decoder: byteDec, added_tokens: [special('<|endoftext|>')] },
  roberta: { model: 'bytebpe', normalizer: null, pre_tokenizer: byteLevel(true, true), post_processor: { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: true }, decoder: byteDec, added_tokens: [special('<s>'), special('<pad>'), special('</s>'), special('<unk>'), special('<mask>', { lstrip: true })] },
  neox: { model: 'bytebpe', normalizer: N('NFC'), pre_tokenizer: byteLevel(false, true, false), post_processor: byteLevel(false, true, false), decoder: byteDec, added_tokens: [special('<|endoftext|>'), plain('  ', { normalized: false }), plain('   '), plain('É')] },
  llama3: { model: 'bytebpe', ignore_merges: true, normalizer: null, pre_tokenizer: pre(split(cl100k('{1,3}')), byteLevel(false, false)), post_processor: post(byteLevel(true, true, false), template('<s>:0 $A:0', '<s>:0 $A:0 <s>:1 $B:1', { '<s>': 0 })), decoder: byteDec, added_tokens: [special('<|begin_of_text|>'), special('<|eot_id|>')] },
  qwen2: { model: 'bytebpe', normalizer: N('NFC'), pre_tokenizer: pre(split(cl100k('')), byteLevel(false, false, false)), post_processor: byteLevel(false, false, false), decoder: byteLevel(false, false, false), added_tokens: [special('<|endoftext|>'), special('<|im_start|>'), special('<|im_end|>')] },
  qwen35: { model: 'bytebpe', normalizer: N('NFC'), pre_tokenizer: pre(split(qwen35), byteLevel(false, false, false)), post_processor: null, decoder: byteDec, added_tokens: [special('<|endoftext|>')] },
  gpt4o: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre(split(o200k(tail, '{1,3}'), 'Removed', true), byteLevel(false, false)), post_processor: null, decoder: byteDec, added_tokens: [special('<|endoftext|>')] },
  tekken: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre(split(o200k('', '')), byteLevel(false, false)), post_processor: null, decoder: byteDec, added_tokens: [special('<s>')] },
  deepseek: { model: 'bytebpe', normalizer: norm(), pre_tokenizer: pre(split('\\p{N}{1,3}'), split('[一-龥぀-ゟ゠-ヿ]+'), split(deepseek), byteLevel(false, false)), post_processor: byteLevel(true, true, false), decoder: byteDec, added_tokens: [special('<｜end▁of▁sentence｜>')] },
  falcon: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre({ type: 'Punctuation', behavior: 'Contiguous' }, byteLevel(false, true), { type: 'Digits', individual_digits: false }, split('[0-9][0-9][0-9]')), post_processor: byteLevel(false, true, true), decoder: byteDec, added_tokens: [special('<|endoftext|>')] },
  starcoder: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre({ type: 'Digits', individual_digits: true }, byteLevel(false, true)), post_processor: byteLevel(true, true, true), decoder: byteDec, added_tokens: [special('<|endoftext|>')] },
  bloom: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre(split(' ?[^(\\s|[.,!?…。，、।۔،])]+'), byteLevel(false, false)), post_processor: byteLevel(true, false, false), decoder: byteDec, added_tokens: [special('<s>')] },
  coder: { model: 'bytebpe', normalizer: null, pre_tokenizer: pre(split('[\r\n]'), split('\\s?\\p{L}+'), split('\\s?\\p{P}+'), split('[一-龥ࠀ-一가-퟿]+'), { type: 'Digits', individual_digits: true }, byteLevel(false, false)), post_processor: null, decoder: byteDec, added_tokens: [] },
  prefixed: { model: 'bytebpe', normalizer: norm(N('NFKC'), N('Lowercase')), pre_tokenizer: pre(split(gpt2, 'MergedWithPrevious'), byteLevel(true, false)), post_processor: byteLevel(true, false, true), decoder: byteDec, added_tokens: [special('<s>'), plain('The')] },
  bytenorm: { model: 'bytebpe', normalizer: N('ByteLevel'), pre_tokenizer: null, post_processor: null, decoder: byteDec, added_tokens: [special('<|endoftext|>'), plain('été')] },
  clip: { model: 'clip', normalizer: norm(N('NFC'), replace({ Regex: '\\s+' }, ' '), N('Lowercase')), pre_tokenizer: pre(split("'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+", 'Removed', true), byteLevel(false, true)), post_processor: { type: 'RobertaProcessing', sep: ['<|endoftext|>', 513], cls: ['<|startoftext|>', 512], trim_offsets: false, add_prefix_space: false }, decoder: byteDec, added_tokens: [special('<|startoftext|>', { normalized: true }), special('<|endoftext|>')] },
  bpewords: { model: 'clip', normalizer: N('Lowercase'), pre_tokenizer: N('WhitespaceSplit'), post_processor: null, decoder: { type: 'BPEDecoder', suffix: '</w>' }, added_tokens: [] },

  // sentence-piece BPE
  llama2: { model: 'spbpe', normalizer: norm({ type: 'Prepend', prepend: '▁' }, replace({ String: ' ' }, '▁')), pre_tokenizer: null, post_processor: template('<s>:0 $A:0', '<s>:0 $A:0 <s>:1 $B:1', { '<s>': 1 }), decoder: dec(replace({ String: '▁' }, ' '), N('ByteFallback'), N('Fuse'), { type: 'Strip', content: ' ', start: 1, stop: 0 }), added_tokens: [special('<unk>'), special('<s>'), special('</s>', { normalized: true })] },
  mistral: { model: 'spbpe', normalizer: null, pre_tokenizer: metaspace('first', false), post_processor: template('<s>:0 $A:0', '<s>:0 $A:0 <s>:1 $B:1', { '<s>': 1 }), decoder: dec(replace({ String: '▁' }, ' '), N('ByteFallback'), N('Fuse'), { type: 'Strip', content: ' ', start: 1, stop: 0 }), added_tokens: [special('<unk>'), special('<s>'), special('</s>')] },
  gemma: { model: 'spbpe', normalizer: replace({ String: ' ' }, '▁'), pre_tokenizer: splitString(' ', 'MergedWithPrevious'), post_processor: template('<s>:0 $A:0 </s>:0', '<s>:0 $A:0 </s>:0 <s>:1 $B:1 </s>:1', { '<s>': 1, '</s>': 2 }), decoder: dec(replace({ String: '▁' }, ' '), N('ByteFallback'), N('Fuse')), added_tokens: [special('<unk>'), special('<s>'), special('</s>'), plain('\n\n', { normalized: false }), plain('▁▁', { normalized: false })] },
  spunk: { model: 'spbpeunk', normalizer: N('NFKC'), pre_tokenizer: metaspace('always'), post_processor: null, decoder: metaspace('always'), added_tokens: [special('<unk>')] },
  spunkeach: { model: 'spbpeunk', fuse_unk: false, normalizer: null, pre_tokenizer: metaspace('never', false), post_processor: null, decoder: metaspace('never'), added_tokens: [] },

  // Unigram
  xlmr: { model: 'unigram', normalizer: { type: 'Precompiled', precompiled_charsmap: 'CHARSMAP' }, pre_tokenizer: pre(N('WhitespaceSplit'), metaspace('always')), post_processor: template('<s>:0 $A:0 </s>:0', '<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0', { '<s>': 0, '</s>': 2 }), decoder: metaspace('always'), added_tokens: spAdded },
  t5: { model: 'unigram', normalizer: norm({ type: 'Precompiled', precompiled_charsmap: 'CHARSMAP' }, { type: 'Strip', strip_left: false, strip_right: true }, replace({ Regex: ' {2,}' }, '▁')), pre_tokenizer: metaspace('first'), post_processor: template('$A:0 </s>:0', '$A:0 </s>:0 $B:0 </s>:0', { '</s>': 2 }), decoder: metaspace('first'), added_tokens: [...spAdded, special('<extra_id_0>', { lstrip: true })] },
  albert: { model: 'unigram', normalizer: norm(replace({ String: '``' }, '"'), replace({ String: "''" }, '"'), N('NFKD'), N('StripAccents'), N('Lowercase'), { type: 'Precompiled', precompiled_charsmap: 'CHARSMAP' }), pre_tokenizer: pre(N('WhitespaceSplit'), metaspace('always')), post_processor: template('<s>:0 $A:0 </s>:0', '<s>:0 $A:0 </s>:0 $B:1 </s>:1', { '<s>': 0, '</s>': 2 }), decoder: metaspace('always'), added_tokens: spAdded },
  unibytes: { model: 'unigrambytes', normalizer: norm(N('Nmt'), N('NFKC'), N('Lowercase')), pre_tokenizer: metaspace('always'), post_processor: null, decoder: dec(N('ByteFallback'), metaspace('always')), added_tokens: [special('<unk>'), special('<s>'), special('</s>')] },
}
fs.writeFileSync(path.join(__dirname, 'variants.json'), JSON.stringify(v, null, 1).replace(/\n {3,}/g, ' ').replace(/\n {2}([\]}])/g, ' $1') + '\n')
console.log(Object.keys(v).length, 'variants')
