// The event loop goes on while calls wait, and no call waits for anything that the loop has to do first.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { Client, Emulator } from 'midjourney-imagine';

/** Counts the turns that the loop takes until something is done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let timer = setImmediate(function turn() {
    turns += 1;
    timer = setImmediate(turn);
  });
  await work();
  clearImmediate(timer);
  return turns;
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

test('starting and stopping emulators leaves the loop its turns', async () => {
  const emulators: Emulator[] = [];
  const starting = async () => {
    for (let i = 0; i < 10; i++) {
      emulators.push(await Emulator.start());
    }
  };
  const stopping = async () => {
    for (const emulator of emulators) {
      await emulator.stop();
    }
  };
  // Work on this thread would be done before the loop came to its first turn.
  assert.ok((await turnsDuring(starting)) > 0);
  assert.ok((await turnsDuring(stopping)) > 0);
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
