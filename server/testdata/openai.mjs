// Asks a server through the stock OpenAI client and prints what came back as one line of JSON:
//
//   node openai.mjs FOLDER-WITH-NODE_MODULES URL KEY SOUND-FILE
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, baseURL, apiKey, sound] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const OpenAI = require("openai").OpenAI;
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0 });

// failure is what a program would look at to find out what went wrong.
async function failure(promise) {
  try {
    await promise;
    return null;
  } catch (e) {
    return { class: e.constructor.name, status: e.status, code: e.code, type: e.type, message: e.message, requestID: e.requestID };
  }
}

const input = ["a cat", "two dogs"];
const model = "quintet-lexical";
const standard = await client.embeddings.create({ model, input }); // the client asks for base64 and decodes it
const floats = await client.embeddings.create({ model, input, encoding_format: "float" });
const base64 = await client.embeddings.create({ model, input, encoding_format: "base64" });
const models = [];
for await (const m of client.models.list()) models.push(m.id);

// transcribe sends the file anew, since a stream is read once.
const transcribe = (more) => client.audio.transcriptions.create({ file: createReadStream(sound), model: "whisper-1", ...more });
const deltas = [];
let done = null;
for await (const event of await transcribe({ stream: true })) {
  if (event.type === "transcript.text.delta") deltas.push(event.delta);
  else done = event;
}
const verbose = await transcribe({ response_format: "verbose_json", timestamp_granularities: ["word", "segment"], language: "en", temperature: 0 });

console.log(JSON.stringify({
  speech: {
    json: (await transcribe({})).text,
    text: await transcribe({ response_format: "text" }),
    srt: await transcribe({ response_format: "srt" }),
    vtt: await transcribe({ response_format: "vtt" }),
    verbose: [verbose.language, verbose.duration, verbose.segments.length, verbose.words.map((w) => w.word).join(" ")],
    deltas,
    done,
    translation: (await client.audio.translations.create({ file: createReadStream(sound), model: "whisper-1" })).text,
    error: await failure(transcribe({ model: "another" })),
  },
  version: JSON.parse(readFileSync(`${folder}/node_modules/openai/package.json`)).version,
  lengths: [standard, floats].map((r) => r.data.map((d) => d.embedding.length)),
  worst: Math.max(...standard.data[1].embedding.map((v, i) => Math.abs(v - Math.fround(floats.data[1].embedding[i])))),
  base64: typeof base64.data[0].embedding,
  usage: standard.usage,
  models,
  errors: {
    model: await failure(client.embeddings.create({ model: "gpt", input })),
    input: await failure(client.embeddings.create({ model, input: [] })),
    tokens: await failure(client.embeddings.create({ model, input: [1, 2, 3] })),
    key: await failure(new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: "wrong", maxRetries: 0 }).models.list()),
  },
}));
