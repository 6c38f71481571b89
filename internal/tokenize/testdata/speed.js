// Prints the CPU milliseconds, of one thread, that the reference library takes
// for the texts: the best of five rounds after a first one that fills its cache.
//
//   RAYON_NUM_THREADS=1 node speed.js FOLDER    FOLDER holds node_modules
const fs = require('fs'), path = require('path'), zlib = require('zlib')
const folder = path.resolve(process.argv[2])
const { Tokenizer } = require(path.join(folder, 'node_modules/@anush008/tokenizers'))
const gunzip = f => zlib.gunzipSync(fs.readFileSync(path.join(__dirname, f)))
const all = JSON.parse(gunzip('texts.json.gz')), variants = JSON.parse(fs.readFileSync(path.join(__dirname, 'variants.json')))
const charsmap = gunzip('models/nmt_nfkc.gz').toString('base64')
const build = name => {
  const { model, ignore_merges, fuse_unk, ...parts } = variants[name]
  const m = JSON.parse(gunzip('models/' + model + '.json.gz'))
  if (ignore_merges !== undefined) m.ignore_merges = ignore_merges
  parts.added_tokens = parts.added_tokens.map((t, i) => ({ id: i, ...t }))
  return JSON.stringify({ version: '1.0', truncation: null, padding: null, ...parts, model: m }).replace('CHARSMAP', charsmap)
}
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000 }
async function measure(name, json) {
  const t0 = cpu(), t = Tokenizer.fromString(json), loaded = cpu() - t0, out = []
  for (const [kind, list] of [['all', all], ['prose', all.slice(2040)]]) {
    let batch = Infinity, loop = Infinity
    await t.encodeBatch(list)
    for (let i = 0; i < 5; i++) {
      let a = cpu(); await t.encodeBatch(list); batch = Math.min(batch, cpu() - a)
      a = cpu(); for (const s of list) await t.encode(s); loop = Math.min(loop, cpu() - a)
    }
    out.push(kind + ' encodeBatch ' + batch.toFixed(1) + ' encode ' + loop.toFixed(1))
  }
  console.log(name.padEnd(20), 'load', loaded.toFixed(0).padStart(6), ' ', out.join('   '))
}
(async () => {
  for (const name of ['bert', 'gpt2', 'llama3', 'gpt4o', 'clip', 'llama2', 'xlmr', 'unibytes']) await measure(name, build(name))
  for (const name of ['gpt4o', 'llama2', 'llama3', 'qwen2_5', 'gemma3']) {
    const f = path.join(folder, 'node_modules/@lenml/tokenizer-' + name, 'models/tokenizer.json')
    if (fs.existsSync(f)) await measure('published-' + name, fs.readFileSync(f, 'utf8'))
  }
})()
