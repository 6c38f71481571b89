// Writes texts.json.gz: the texts that all tokenizers are compared on. They are
// sentences and hard cases written for this test, lines of the documents and
// package comments of the Go distribution, and random strings of a fixed seed.
//
//   node texts.js GOROOT [CORPUS]
//
// CORPUS, if given, is where the text that train.js learns from is written.
const fs = require('fs'), path = require('path'), zlib = require('zlib')
const goroot = process.argv[2]

// A small generator, so that the strings are the same everywhere.
let state = 20261
const rand = n => {
  state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0
  let z = Math.imul(state ^ state >>> 16, 0x21f0aaad)
  z = Math.imul(z ^ z >>> 15, 0x735a2d97)
  return ((z ^ z >>> 15) >>> 0) % n
}
const pick = list => list[rand(list.length)]

const sentences = [
  'The quick brown fox jumps over the lazy dog.',
  'Das schnelle, braune Fräulein läuft über die große Straße.',
  'Où est la bibliothèque, s’il vous plaît ? Ça va très bien à Noël.',
  'El niño comió piñas y bebió agua fría en Málaga; ¿cuándo volverá?',
  'Gdzie są żółte książki? W Łodzi, przy źródle.',
  'Příliš žluťoučký kůň úpěl ďábelské ódy.',
  'Tôi muốn uống cà phê sữa đá ở Hà Nội.',
  'İstanbul’da güneşli bir gün; ığdır ve ılık çay.',
  'Быстрая коричневая лиса перепрыгнула через ленивую собаку.',
  'Ђорђе је отишао у Београд, а її не було в Києві.',
  'Η γρήγορη καφετιά αλεπού πηδά πάνω από το τεμπέλικο σκυλί. ΟΔΥΣΣΕΥΣ',
  'השועל החום המהיר קופץ מעל הכלב העצלן.',
  'الثعلب البني السريع يقفز فوق الكلب الكسول، والمَدْرَسَةُ كَبِيرَةٌ.',
  'یہ ایک آزمائشی جملہ ہے۔',
  'तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। क्षत्रिय श्रीमान्',
  'দ্রুত বাদামী শিয়াল অলস কুকুরের উপর লাফ দেয়।',
  'வேகமான பழுப்பு நரி சோம்பேறி நாயின் மீது குதிக்கிறது.',
  'สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ น้ำตก',
  'ສະບາຍດີຕອນເຊົ້າ ຂໍຂອບໃຈ',
  'မင်္ဂလာပါ ကျေးဇူးတင်ပါတယ်',
  'ស្វស្តី​ពិភព​លោក',
  '敏捷的棕色狐狸跳过了懒狗。你好，世界！１２３４５',
  '敏捷的棕色狐狸跳過了懶狗。龍馬精神',
  '素早い茶色の狐がのろまな犬を飛び越える。カタカナとひらがな、ﾊﾝｶｸ ガギグゲゴ',
  '빠른 갈색 여우가 게으른 개를 뛰어넘는다. 한국어 문장입니다.',
  'ქართული ენა და ᲥᲐᲠᲗᲣᲚᲘ',
  'Հայերեն լեզուն և աշխարհ',
  'አማርኛ ቋንቋ ነው።',
  'Xin chào 🌍! Emoji: 👨‍👩‍👧‍👦 👍🏽 🇩🇪 ❤️ 🏳️‍🌈 1️⃣',
]

const hard = [
  '', ' ', '  ', '   ', '\n', '\r\n', '\t', ' \n ', '\n\n\n', 'a', ' a', 'a ', ' a ', '  a  b  ', 'a\tb', 'a\u00a0b',
  'Hello, world!', 'hello   world', 'HELLO WORLD', 'camelCaseAndPascalCase', 'snake_case_name', 'kebab-case-name',
  "I'm can't won't they're we've you'll he'd it's", "I'M CAN'T WON'T THEY'RE WE'VE YOU'LL HE'D IT'S", "'s 't 're 've 'm 'll 'd",
  "''s'''t\"'re", "don't'd've", 'l’été d’or rock ’n’ roll', "aſ'ſ 'ſ ſ", "o'reilly'S 'Ll 'lL",
  'é', 'e\u0301', 'E\u0301cole', 'café cafe\u0301', 'ﬁ ﬂ ﬃ ſt', 'Ａｂｃ１２３', '①②③ ½ ² ³ ⅷ Ⅷ', 'ǅ ǈ ǋ ǲ', 'İ I ı i', 'ß ẞ SS',
  'a\u0300\u0301\u0302\u0323b', '\u0301', '\u0301a', ' \u0301', '\u0323\u0301x', 'ạ\u0302', 'a\u0302\u0323', 'u\u0308\u0304', 'ǖ',
  '한글', '\u1112\u1161\u11ab\u1100\u1173\u11af', '\u1100\u1161', '각\u11a8', '가\u11a8',
  '\u0958 \u0929 \u09dc \u0b48 \u0dda', '\u0f73 \u0f75 \u0f81', '\u2126 \u212a \u212b', '豈 更 車', '\ufb1d \ufb2a',
  '日本語テキスト', '中文字符ABC中文', '中', '中文', 'a中b文c', '\u3400\u4dbf\u{20000}\u{2a6df}\u{2b820}\u{2f800}', '々〇〻',
  'Ünïcödé Ñoño Ærøskøbing Łódź', 'ÅÄÖ åäö', '🙂', '🙂🙂', 'a🙂b', '👨‍👩‍👧', '👍🏿👍🏻', '🇫🇷🇩🇪', 'e\ufe0f', '☺️☺', '\u{1f9d1}\u200d\u{1f680}',
  'zero\u200bwidth', 'a\u200cb\u200dc', 'a\u2060b', '\ufeffBOM', 'line\u2028sep\u2029para', 'nel\u0085x', 'a\u00adb', 'x\u0000y', '\u0001\u0002\u001f\u007f',
  'a\u2009b\u202fc\u3000d', '\u1680\u180e\u2000', 'tab\tnew\nret\rff\fvt\v', '\r', '\r\r\n\n', 'a\r\nb\r\n', '\n \n  \n', ' \r\n \r\n ', 'x  \n  y', 'x \u00a0\u2003 y',
  '1', '12', '123', '1234', '12345678901234567890', '3.14159', '1,000,000.00', '1e-10', '0xDEADBEEF', '２０２６年', '٣٤٥', '१२३', '1st 2nd 3rd', 'v1.2.3-beta+4', '50%', '$5.00', '€20', '№5', '2²=4',
  'https://example.com/a/b?c=d&e=f#g', 'user.name+tag@example.co.uk', '/usr/local/bin', 'C:\\Windows\\System32', 'foo(bar, baz[0]);', 'if (a && b || !c) { return x->y; }', '<div class="x">y</div>', '#include <stdio.h>', '// comment\n\tcode();', '```go\nfunc main() {}\n```', '{"a": [1, 2, null]}', 'a=b;c==d;e!=f', '<<<>>>', '!!!', '???', '...', '…', '--', '—', '–', '***', '~~~', '___', '===', '"quoted"', '“quoted”', '«quoted»', '(parens)', '[brackets]', '@user #tag', 'a/b\\c|d', '!@#$%^&*()_+-=[]{}|;:\'",.<>/?`~',
  '.a', ' .a', '-abc', '\tabc', '_abc', '$abc', '"abc', '(abc', '.5a', '!!abc', '.\nabc', 'a.\n\nb', 'x;\n', 'a//\n/b', '/\n/', '}\n\n}',
  '[CLS] hello [SEP]', '[MASK]', '[mask]', 'a[MASK]b', ' [MASK] ', '[UNK]', '[PAD][PAD]', '<s>', '</s>', '<s>hello</s>', '<mask>', ' <mask> ', 'a<mask>b', 'a <mask>, b', '<pad>', '<unk>', '<|endoftext|>', 'a<|endoftext|>b', '<|im_start|>user\nhi<|im_end|>', '<|begin_of_text|><|eot_id|>', '<bos>x<eos>', '<0x0A>', '<0xE2>', '<extra_id_0>', '▁', '▁▁', '▁a', 'a▁b', ' ▁ ', '##ing', 'ing##', '##', '</w>', 'a</w>', 'Ġ', 'ĠHello', 'Ċ', '<|startoftext|>',
  'a'.repeat(50), 'ab'.repeat(40), 'x'.repeat(101), 'é'.repeat(101), '='.repeat(70), ' '.repeat(40), '\n'.repeat(20), '1'.repeat(33), '中'.repeat(33), '\u0301'.repeat(35), 'a\u0301'.repeat(20), '🙂'.repeat(12), 'ha'.repeat(60), '!?'.repeat(20), ' a'.repeat(30), 'A'.repeat(40) + 'b', 'supercalifragilisticexpialidocious', 'Donaudampfschifffahrtsgesellschaftskapitän', 'antidisestablishmentarianism', 'pneumonoultramicroscopicsilicovolcanoconiosis',
  'αβγ ΑΒΓ άέή', 'жЖ ё Ё й', 'ԱԲԳ', 'אבג', 'ابت', 'กขค', 'ཀཁག', 'ᚠᚢᚦ', '𐍈𐌰', '𝔸𝕓𝒸 𝟙𝟚', '𝐇𝐞𝐥𝐥𝐨', 'Ꭰꭰ', 'ꙀꙁⰀⰰ', 'ᏣᎳᎩ', 'ʰʱʲ ᵃᵇ ⁿ', 'ªº', '\u0345\u1fb3', 'ﷺ', '㍿ ㎏ ㏂', '㋀㋿', '\u{1f100}\u{1f16c}\u{1fbf5}', '\u{11935}\u{11930}', '\u{1e031}', 'ꟲꟳ', '\u07fd', 'a\u08caa', '\u{105d2}\u0307', '\u{16d67}\u{16d67}', '\u1acf', 'a\u1acf\u0301', '\u{1e4ec}', '\u{10d24}', '\u1c89\ua7cb\ua7dc\u{10d50}\u{16ea0}', '\ue000\uf8ff\u{f0000}', '\ufffd', '\uffff\ufffe', '\u{10ffff}', '\u0378\u0530',
  'AʰB', '\u0301ABC', '\u0301ABCd', '\u0301Abc', 'aB', 'ABc', 'AbC', 'aʰB', 'ABCʰ', 'ʰABC', ' ABC', '.ABC', '.\u0301ABC', 'ǅabc ABǅ', '中AB', 'AB中', "ABC'S", "Abc's", "中's", "1's", "a1's",
  'http://例え.テスト/パス', 'mixed 中文 and English 混合', 'Ωmega Öl', 'naïve façade', 'rôle São Paulo', 'Ⅳ ⅳ', '½ cup', 'x²+y²', 'H₂O', '5 µm', '±5°', '™®©', '→←↑↓', '♠♥♦♣', '✓✗', '░▒▓', '┌─┐', '⠓⠑', '﷽', 'ﺍﻟﻌ', '\u0627\u0653', 'آ', '\u0622', 'ෆ\u0dca', 'က\u102d\u102f', '\u0e33', 'น\u0e49\u0e33', '\u0eb3', '\u0e40\u0e01',
]

// Lines of the Go distribution: its documents, then its package comments.
const lines = []
function add(line) {
  line = line.replace(/\s+$/, '')
  if (line.trim().length > 1 && line.length < 240) lines.push(line)
}
for (const f of ['doc/go_spec.html', 'doc/go_mem.html', 'doc/godebug.md', 'doc/asm.html', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'])
  fs.readFileSync(path.join(goroot, f), 'utf8').split('\n').forEach(add)
const sources = []
function walk(dir) {
  for (const e of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)) {
    const p = path.join(dir, e.name)
    if (e.isDirectory() && e.name !== 'testdata') walk(p)
    else if (e.name.endsWith('.go')) sources.push(p)
  }
}
walk(path.join(goroot, 'src'))
for (const p of sources.filter(p => p.endsWith('/doc.go'))) fs.readFileSync(p, 'utf8').split('\n').forEach(add)

// Random strings: each draws from one set of ranges and mixes in plain text.
const sets = [
  [[0x20, 0x7e]], [[0x20, 0x7e], [0x09, 0x0d]], [[0x61, 0x7a], [0x41, 0x5a], [0x27, 0x27], [0x20, 0x20]],
  [[0xa0, 0x24f]], [[0x300, 0x36f], [0x61, 0x7a]], [[0x370, 0x52f]], [[0x530, 0x6ff]], [[0x700, 0xdff]], [[0xe00, 0x109f]],
  [[0x1100, 0x11ff]], [[0x1200, 0x1dff]], [[0x1e00, 0x1fff]], [[0x2000, 0x206f], [0x61, 0x7a]], [[0x2070, 0x2bff]], [[0x2c00, 0x2fff]],
  [[0x3000, 0x33ff]], [[0x3400, 0x9fff]], [[0xa000, 0xabff]], [[0xac00, 0xd7ff]], [[0xe000, 0xfaff]], [[0xfb00, 0xffff]],
  [[0x10000, 0x10fff]], [[0x11000, 0x11fff]], [[0x1d400, 0x1d7ff]], [[0x1e000, 0x1efff]], [[0x1f000, 0x1faff]], [[0x20000, 0x2ffff]],
  [[0x30, 0x39], [0x660, 0x669], [0x2e, 0x2e], [0x41, 0x43]], [[0x09, 0x0d], [0x20, 0x20], [0x85, 0x85], [0xa0, 0xa0], [0x2028, 0x2029], [0x61, 0x62]],
  [[0x21, 0x2f], [0x61, 0x7a], [0x0a, 0x0a]], [[0, 0x10ffff]], [[0x2b0, 0x2ff], [0x41, 0x5a], [0x61, 0x7a], [0x300, 0x304]],
]
function random() {
  const set = pick(sets)
  let s = ''
  for (let n = 1 + rand(30); n > 0; n--) {
    if (rand(5) === 0) { s += pick([' ', ' a', "'s ", '1', '\n', '. ', 'ab', '\u0301']); continue }
    const [lo, hi] = pick(set)
    const c = lo + rand(hi - lo + 1)
    if (c < 0xd800 || c > 0xdfff) s += String.fromCodePoint(c)
  }
  return s
}

const texts = [...hard, ...sentences]
while (texts.length < 2000) texts.push(random())
for (let i = 0; i < 40; i++) texts.push(pick(sentences) + pick([' ', '\n', '']) + pick(sentences))
while (texts.length < 3600) texts.push(pick(lines))
fs.writeFileSync(path.join(__dirname, 'texts.json.gz'), zlib.gzipSync(JSON.stringify(texts), { level: 9 }))
console.log(texts.length, 'texts,', Buffer.byteLength(texts.join('')), 'bytes')

if (process.argv[3]) {
  const out = [...lines]
  for (const p of sources) for (const l of fs.readFileSync(p, 'utf8').split('\n')) if (/^\s*\/\/ /.test(l) && out.length < 120000) out.push(l.replace(/^\s*\/\/ /, ''))
  for (let i = 0; i < 60; i++) out.push(...sentences)
  fs.writeFileSync(process.argv[3], out.join('\n') + '\n')
}
