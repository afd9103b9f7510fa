// An abort signal ends the exchange at once, is what the promise rejects with, and is let go of afterwards.

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { InvalidRequestError, NotFoundError } from 'midjourney-imagine';

import { frame, Service, TASKS } from './service.js';

let service: Service;
before(async () => {
  service = await Service.start();
});
after(() => service.emulator.stop());

/** What a promise rejects with, whatever that is. */
function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it was fulfilled'),
    (reason: unknown) => reason,
  );
}

test('a mask that nobody ever writes does not hold a call that is aborted', async () => {
  const left = new AbortController();
  const image = service.client().image('1');
  const mask = Object.assign(new Blob(['mask']), { arrayBuffer: () => new Promise<ArrayBuffer>(() => {}) });
  const call = image.variationRegion(mask, 'a hat', { signal: left.signal });
  left.abort('enough');
  assert.equal(await rejection(call), 'enough');
  assert.equal(getEventListeners(left.signal, 'abort').length, 0);
});

test('a signal that is aborted already rejects with its reason, and nothing is sent', async () => {
  await using fresh = await Service.start();
  const client = fresh.client();
  const reason = new Error('changed my mind');
  const signal = AbortSignal.abort(reason);
  const image = client.image({ image_id: '1', image_url: `${fresh.emulator.url}/picture.png` });
  const calls = [
    () => client.imagine('A cat', { signal }),
    () => client.submit('A cat', { signal }),
    () => client.stream('A cat', { signal }).next(),
    () => client.task('an id', { signal }),
    () => client.tasks(['an id'], { signal }),
    () => image.upscale(1, { signal }),
    () => image.bytes({ signal }),
    () => image.save(join(tmpdir(), 'never-written.png'), { signal }),
  ];
  for (const call of calls) {
    assert.equal(await rejection(call()), reason, String(call));
  }
  assert.deepEqual(await fresh.emulator.journal(), []);
});

test('aborting before the service has answered ends the exchange', async () => {
  await using held = await Service.start();
  await held.hold();
  const controller = new AbortController();
  const imagining = held.client().imagine('A cat', { signal: controller.signal });
  await held.journal({ requests: 1 });
  controller.abort('any value is a reason');
  assert.equal(await rejection(imagining), 'any value is a reason');
  await held.journal({ abandoned: 1 });
});

test('aborting during the wait ends the look-up', async () => {
  await using held = await Service.start({ speed: 'virtual' });
  await held.hold({ path: TASKS });
  const controller = new AbortController();
  const imagining = held.client().imagine('A cat', { signal: controller.signal });
  await held.journal({ path: TASKS, requests: 1 });
  controller.abort();
  const reason = await rejection(imagining);
  assert.equal(reason, controller.signal.reason);
  assert.equal((reason as DOMException).name, 'AbortError');
  await held.journal({ path: TASKS, abandoned: 1 });
});

test('aborting in the middle of a stream ends the exchange and the pull that waits', async () => {
  await using held = await Service.start();
  await held.hold({ lines: [frame(5)] });
  const controller = new AbortController();
  const updates = held.client().stream('A cat', { signal: controller.signal });
  assert.equal((await updates.next()).value?.progress, 5);
  const waiting = updates.next();
  controller.abort();
  assert.equal(await rejection(waiting), controller.signal.reason);
  await held.journal({ abandoned: 1 });
});

test('aborting ends a stream that nobody pulls at that moment', async () => {
  await using held = await Service.start();
  await held.hold({ lines: [frame(5)] });
  const controller = new AbortController();
  const updates = held.client().stream('A cat', { signal: controller.signal });
  await updates.next();
  controller.abort();
  await held.journal({ abandoned: 1 });
  assert.equal(await rejection(updates.next()), controller.signal.reason);
});

test('a signal of its own time rejects with its TimeoutError', async () => {
  await using held = await Service.start();
  await held.hold({ times: 3 });
  // A busy machine may not have sent the request within the first.
  for (const milliseconds of [100, 1_000, 10_000]) {
    const signal = AbortSignal.timeout(milliseconds);
    const reason = await rejection(held.client().imagine('A cat', { signal }));
    assert.equal(reason, signal.reason);
    assert.equal((reason as DOMException).name, 'TimeoutError');
    if ((await held.emulator.journal()).length > 0) {
      break;
    }
  }
  await held.journal({ abandoned: 1 });
});

test('aborting a download ends it, and leaves no file behind', async () => {
  const server = createServer((_, response) => response.writeHead(200).write('the first bytes'));
  const folder = await mkdtemp(join(tmpdir(), 'midjourney-imagine-'));
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const image = service.client().image({ image_id: '1', image_url: `http://127.0.0.1:${port}/cat.png` });
    const controller = new AbortController();
    const saving = image.save(join(folder, 'cat.png'), { signal: controller.signal });
    const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
    const left = once(response, 'close');
    controller.abort();
    assert.equal(await rejection(saving), controller.signal.reason);
    await left;
    assert.deepEqual(await readdir(folder), []);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});

test('no listener stays on a signal that outlives its calls', async () => {
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, 'abort').length;
  const client = service.client();

  const image = await client.imagine('A cat', { signal });
  assert.equal(listeners(), 0, 'after success');
  await assert.rejects(client.task('unknown', { signal }), NotFoundError);
  assert.equal(listeners(), 0, 'after a failure');
  await assert.rejects(client.imagine('', { signal }), InvalidRequestError);
  assert.equal(listeners(), 0, 'after a refusal');
  await image.bytes({ signal });
  assert.equal(listeners(), 0, 'after a download');
  const stop = () => {
    throw new Error('stop');
  };
  await assert.rejects(client.imagine('A cat', { signal, onProgress: stop }), /stop/);
  assert.equal(listeners(), 0, 'after an exception of the callback');
  for await (const _ of client.stream('A cat', { signal })) {
    assert.ok(listeners() > 0, 'while the stream is open');
  }
  assert.equal(listeners(), 0, 'after a stream');
  for await (const _ of client.stream('A cat', { signal })) {
    break;
  }
  assert.equal(listeners(), 0, 'after a stream that was left');
});

test('one signal may serve hundreds of calls at once, without a warning of a leak', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  try {
    const { signal } = new AbortController();
    const client = service.client();
    const streams = Array.from({ length: 20 }, () => client.stream('A cat', { signal }));
    await Promise.all(streams.map((updates) => updates.next()));
    await Promise.all(Array.from({ length: 300 }, () => client.tasks(['unknown'], { signal })));
    for (const updates of streams) {
      updates.close();
    }
    // Warnings are emitted from the queue of the next tick.
    await new Promise(setImmediate);
    assert.deepEqual(warnings, []);
  } finally {
    process.off('warning', warn);
  }
});

test('one signal ends all of its calls', async () => {
  await using held = await Service.start();
  await held.hold({ times: 20 });
  const controller = new AbortController();
  const client = held.client();
  const calls = Array.from({ length: 20 }, () => client.imagine('A cat', { signal: controller.signal }));
  await held.journal({ requests: 20 });
  controller.abort();
  for (const reason of await Promise.all(calls.map(rejection))) {
    assert.equal(reason, controller.signal.reason);
  }
  await held.journal({ abandoned: 20 });
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

for (const [how, onProgress] of [
  ['throws', () => assert.fail('enough')],
  ['rejects', () => Promise.reject(new Error('enough'))],
] as const) {
  test(`a callback that ${how} ends the call, which rejects with the same`, async () => {
    await using held = await Service.start();
    await held.hold({ lines: [frame(5)] });
    await assert.rejects(held.client().imagine('A cat', { onProgress }), { message: 'enough' });
    await held.journal({ abandoned: 1 });
  });
}

test('the callback runs in the async context of the call', async () => {
  const user = new AsyncLocalStorage<string>();
  const client = service.client();
  const seen = async (name: string) => {
    const names = new Set<string | undefined>();
    await user.run(name, () => client.imagine('A cat', { onProgress: () => names.add(user.getStore()) }));
    return [...names];
  };
  assert.deepEqual(await Promise.all([seen('Ada'), seen('Grace')]), [['Ada'], ['Grace']]);
});

test('an error shows where the call was made', async () => {
  async function whereItIsAsked(): Promise<void> {
    await service.client().task('unknown');
  }
  const error = await rejection(whereItIsAsked());
  assert.match(String((error as Error).stack), /NotFoundError: .*\n(.*\n)*?.*whereItIsAsked/);
});
