// Ends while fifty calls of every kind are in flight: at once, after so many of them were answered, or by an exception.

import { Client, Emulator } from 'midjourney-imagine';

const [url, when] = process.argv.slice(2);
const client = new Client({ baseUrl: url, token: 'runtime-token', pollInterval: 0.05 });
let left = when === 'now' ? 0 : Number(when);

function answered(): void {
  left -= 1;
  if (left === 0) {
    process.exit(0);
  }
}

const image = client.image({ image_id: '1', image_url: `${url}/picture.webp` });
const kinds = [
  () => client.imagine('A cat', { onProgress: answered }),
  () => client.submit('A cat'),
  () => client.stream('A cat').result(),
  () => client.task('unknown'),
  () => image.bytes(),
];
for (let i = 0; i < 50; i++) {
  kinds[i % kinds.length]?.().then(answered, answered);
}
Emulator.start().then((emulator) => emulator.stop());

if (when === 'now') {
  process.exit(0);
}
if (when === 'exception') {
  throw new Error('the program itself is wrong');
}
