// Only its workers load the native module, which Node unloads with the last of them, were it not held.

import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

async function main(): Promise<void> {
  const workerData = { url: process.argv[2], forever: true };
  for (let round = 0; round < 10; round++) {
    const workers = Array.from({ length: 2 }, () => new Worker(join(__dirname, 'worker.js'), { workerData }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  console.log('done');
}

main();
