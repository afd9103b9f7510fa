// A worker thread: answers how many of fifty calls succeeded and ends, or calls for ever.

import { parentPort, workerData } from 'node:worker_threads';

import { Client } from 'midjourney-imagine';

const { url, forever } = workerData as { url: string; forever: boolean };
const client = new Client({ baseUrl: url, token: 'runtime-token', pollInterval: 0.05 });

async function once(): Promise<void> {
  const ids = await Promise.all(
    Array.from({ length: 50 }, async () => (await client.submit('A cat')).task_id),
  );
  parentPort?.postMessage(new Set(ids).size);
}

async function always(): Promise<never> {
  for (;;) {
    await client.tasks(['unknown']);
    parentPort?.postMessage('called');
  }
}

if (forever) {
  for (let i = 0; i < 20; i++) {
    always();
    client.imagine('A cat');
    client.stream('A cat').next();
  }
} else {
  once();
}
