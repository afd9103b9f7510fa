// What nobody refers to: a call that waits is kept, an emulator that runs too, and a stream that was forgotten ends
// its exchange.

import { Client, Emulator } from 'midjourney-imagine';

import { PATIENCE } from '../program.js';

async function forget(client: Client): Promise<void> {
  await client.stream('A cat').next();
}

async function main(): Promise<void> {
  const emulator = await Emulator.start({ speed: 'virtual' });
  await emulator.script([
    { path: '/midjourney/imagine', lines: [{ success: true, task_id: 'a', progress: 5 }], then: 'hold' },
  ]);
  const client = new Client({ baseUrl: emulator.url, token: 'runtime-token', pollInterval: 0.05 });
  await forget(client);
  const { url } = await Emulator.start();
  const image = client.imagine('A cat').then((image) => image.progress);
  await emulator.journal({ path: '/midjourney/tasks', requests: 1 });

  const left = emulator.journal({ abandoned: 1, waitSeconds: PATIENCE });
  let over = false;
  left.finally(() => {
    over = true;
  });
  while (!over) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  console.log((await left).filter((entry) => entry.abandoned).length);
  await emulator.clockAdvance(1000);
  console.log(await image);
  const other = new Client({ baseUrl: url, token: 'runtime-token', maxRetries: 0 });
  console.log(await other.tasks(['unknown']));
}

main();
