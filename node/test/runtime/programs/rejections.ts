// Leaves calls in every way there is. Node ends a program whose rejections nobody handles, with an error.

import { Client, Emulator } from 'midjourney-imagine';

async function main(): Promise<void> {
  const emulator = await Emulator.start();
  const client = new Client({
    baseUrl: emulator.url,
    token: 'runtime-token',
    pollInterval: 0.05,
    maxRetries: 0,
  });
  const hold = {
    path: '/midjourney/imagine',
    lines: [{ success: true, task_id: 'a', progress: 5 }],
    then: 'hold',
  };
  await emulator.script(Array(4).fill(hold));

  const signal = AbortSignal.abort();
  await client.imagine('A cat', { signal }).catch(() => {});
  await client
    .stream('A cat', { signal })
    .result()
    .catch(() => {});
  await client.imagine('').catch(() => {});

  const late = new AbortController();
  const aborted = client.imagine('A cat', { signal: late.signal, onProgress: () => late.abort() });
  await aborted.catch(() => {});
  const failing = client.imagine('A cat', { onProgress: async () => Promise.reject(new Error('mine')) });
  await failing.catch(() => {});

  const closed = client.stream('A cat');
  await closed.next();
  const pull = closed.next();
  closed.close();
  await pull;

  const left = new AbortController();
  const unpulled = client.stream('A cat', { signal: left.signal });
  await unpulled.next();
  left.abort();
  await emulator.stop();
  await client.task('unknown').catch(() => {});
  console.log('done');
}

main();
