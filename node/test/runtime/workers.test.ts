// Worker threads: each has a line of its own to the one thread of the calls, and may end at any moment.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { runsWell } from './program.js';
import { Service } from './service.js';

const ROUNDS = Number(process.env.MIDJOURNEY_IMAGINE_EXITS ?? 20);

let service: Service;
before(async () => {
  service = await Service.start();
});
after(() => service.emulator.stop());

function start(options: { forever: boolean }): Worker {
  return new Worker(join(__dirname, 'programs', 'worker.js'), {
    workerData: { url: service.emulator.url, ...options },
  });
}

test('four workers call at once, each hears its own answers, and each ends by itself', async () => {
  const started = (await service.emulator.ledger()).started;
  const workers = Array.from({ length: 4 }, () => start({ forever: false }));
  const answers = await Promise.all(
    workers.map(async (worker) => {
      const [[tasks], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return { tasks, code };
    }),
  );
  assert.deepEqual(answers, Array(4).fill({ tasks: 50, code: 0 }));
  assert.equal((await service.emulator.ledger()).started - started, 200);
});

test('`terminate` with calls in flight ends the worker and its exchanges, and nothing else', async () => {
  await using held = await Service.start();
  await held.hold({ times: 40 });
  const url = held.emulator.url;
  const worker = new Worker(join(__dirname, 'programs', 'worker.js'), { workerData: { url, forever: true } });
  await held.journal({ requests: 40 });
  await worker.terminate();
  await held.journal({ abandoned: 40 });
  assert.equal((await service.client().imagine('A cat')).progress, 100);
});

test('`terminate` is clean at any moment', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const workers = Array.from({ length: 4 }, () => start({ forever: true }));
    // Each is terminated at another point of its work.
    await Promise.all(
      workers.map(async (worker, calls) => {
        for (let i = 0; i <= calls * 5; i++) {
          await once(worker, 'message');
        }
        await worker.terminate();
      }),
    );
  }
});

test('a program whose workers alone load the module outlives them', async () => {
  assert.equal(await runsWell('workers-only', service.emulator.url), 'done\n');
});
