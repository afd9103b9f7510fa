// The event loop goes on while calls wait, and no call waits for anything that the loop has to do first.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { Client, Emulator } from 'midjourney-imagine';

/** Whether a promise is settled by the time that all code which needs no turn of the loop has run. */
async function settlesWithinThisTurn(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => {
    settled = true;
  });
  await new Promise(process.nextTick);
  return settled;
}

test('two hundred calls are answered by a server on the same event loop', async () => {
  // All answers wait for the last request: one call that blocked the loop would block them all for ever.
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    waiting.push(() => response.end(JSON.stringify({ items: [], count: 0 })));
    request.resume();
    if (waiting.length === 200) {
      for (const answer of waiting) {
        answer();
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const client = new Client({ baseUrl: `http://127.0.0.1:${port}`, token: 'runtime-token' });
    const calls = Array.from({ length: 200 }, (_, i) => client.tasks([`task ${i}`]));
    assert.deepEqual(await Promise.all(calls), Array(200).fill([null]));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('starting and stopping an emulator takes turns of the loop, not the one that asks for it', async () => {
  const starting = Emulator.start();
  assert.equal(await settlesWithinThisTurn(starting), false);
  const stopping = (await starting).stop();
  assert.equal(await settlesWithinThisTurn(stopping), false);
  await stopping;
});

test('a callback may make calls of its own', async () => {
  await using emulator = await Emulator.start();
  const client = new Client({ baseUrl: emulator.url, token: 'runtime-token', pollInterval: 0.05 });
  const seen: Promise<unknown>[] = [];
  const image = await client.imagine('A cat', {
    onProgress: (update) => seen.push(client.task(update.task_id as string)),
  });
  assert.ok(seen.length > 0);
  await Promise.all(seen);
  assert.equal(image.progress, 100);
});

/** The package as a test runner sees it that gives each of its files modules of their own, but one native file to them all. */
function copy(): typeof import('midjourney-imagine') {
  for (const file of Object.keys(require.cache).filter((file) => !file.endsWith('.node'))) {
    delete require.cache[file];
  }
  return require('midjourney-imagine');
}

test('two copies of the package in one thread each hear of their own calls', async () => {
  await using emulator = await Emulator.start();
  const copies = [copy(), copy()];
  const calls = copies.map(async (each) => {
    const client = new each.Client({ baseUrl: emulator.url, token: 'runtime-token', pollInterval: 0.05 });
    const [image, tasks] = await Promise.all([client.imagine('A cat'), client.tasks(['unknown'])]);
    assert.deepEqual(tasks, [null]);
    assert.deepEqual(
      copies.map(({ Image }) => image instanceof Image),
      copies.map((other) => other === each),
    );
  });
  await Promise.all(calls);
});
