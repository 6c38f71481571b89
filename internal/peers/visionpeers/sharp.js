// The harness for sharp, driven by lines on standard input as vision.go says:
//
//   NODE_PATH=.../node_modules node sharp.js FOLDER
const fs = require('fs');
const readline = require('readline');
const sharp = require('sharp');

sharp.cache(false);
sharp.concurrency(1);

const read = (name) => fs.readFileSync(`${process.argv[2]}/${name}`);
const large = read('12mp.jpg');
const medium = read('1mp.jpg');

function mean(samples) {
  let sum = 0;
  for (const v of samples) sum += v;
  return sum / samples.length;
}

const raw = (image) => image.raw().toBuffer({ resolveWithObject: true });
const scaled = (image, width, height) => raw(image.resize(width, height, { fit: 'fill', kernel: 'lanczos3' }));

// tensor returns 3 planes of 224 by 224 samples from -1 to 1, red first.
async function tensor(jpeg) {
  const { data, info } = await scaled(sharp(jpeg), 224, 224);
  const n = info.width * info.height;
  const planes = new Float32Array(3 * n);
  for (let i = 0, j = 0; i < n; i++, j += 3) {
    planes[i] = data[j] / 127.5 - 1;
    planes[i + n] = data[j + 1] / 127.5 - 1;
    planes[i + 2 * n] = data[j + 2] / 127.5 - 1;
  }
  return { info, data: planes, normalised: true };
}

async function main() {
  const { data: pixels, info: size } = await raw(sharp(large));
  const tasks = {
    tensor_12mp: () => tensor(large),
    tensor_1mp: () => tensor(medium),
    decode_12mp: () => raw(sharp(large)),
    resize_12mp: () => scaled(sharp(pixels, { raw: size }), 1152, 864),
  };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, times] = line.split(' ');
    const start = process.cpuUsage();
    let result;
    for (let i = 0; i < Number(times); i++) result = await tasks[name]();
    const used = process.cpuUsage(start);
    const { data, info, normalised } = result;
    const value = normalised ? 127.5 * (mean(data) + 1) : mean(data);
    console.log(((used.user + used.system) / 1e6).toFixed(9), info.width, info.height, value.toFixed(3));
  }
}

main();
