/** The examples run. Those with `node:test` are tests themselves, which `run.mjs` finds. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import type { Status } from '../examples/express/pictures.js';
import { start } from '../examples/express/server.js';
import { emulated, PACKAGE } from './emulated.js';
import { node } from './programs.js';

describe('the example with vitest', () => {
  it('passes', async () => {
    const vitest = join(PACKAGE, 'node_modules', 'vitest', 'vitest.mjs');
    const { stdout } = await node([vitest, 'run', '--root', join(PACKAGE, 'examples', 'vitest')], PACKAGE);
    assert.match(stdout, /3 passed/);
  });
});

describe('the example server', () => {
  it('submits with a callback, shows the progress, and gives the picture', async (test) => {
    const { emulator, client } = await emulated(test, { speed: 'virtual' });
    const { server, url } = await start(client);
    test.after(() => server.close());
    assert.match(await (await fetch(url)).text(), /EventSource/);

    const body = new URLSearchParams({ prompt: 'A cat sitting on a table' });
    const answer = await fetch(`${url}/pictures`, { method: 'POST', body });
    assert.equal(answer.status, 202);
    const { task_id } = (await answer.json()) as { task_id: string };
    assert.equal((await fetch(`${url}/pictures/${task_id}/image`)).status, 404);

    const events = await fetch(`${url}/pictures/${task_id}/events`);
    assert.match(events.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.ok(events.body);
    const seen: number[] = [];
    let state: unknown;
    const page = new EventEmitter();
    const reading = (async () => {
      for await (const status of statuses(events.body as ReadableStream<Uint8Array>)) {
        seen.push(status.progress);
        state = status.state;
        page.emit('status');
      }
    })();
    while (state !== 'finished') {
      await emulator.clockAdvance(1);
      // Each step is posted to the server, which tells the page of it.
      const { progress } = await client.task(task_id);
      while ((seen.at(-1) ?? -1) < progress) {
        await once(page, 'status');
      }
    }
    await reading;
    assert.equal(state, 'finished');
    assert.equal(seen.at(-1), 100);
    assert.ok(seen.length > 2, `it grew: ${seen}`);

    const picture = await fetch(`${url}/pictures/${task_id}/image`);
    assert.equal(picture.headers.get('content-type'), 'image/png');
    assert.equal(Buffer.from(await picture.arrayBuffer()).toString('latin1', 1, 4), 'PNG');
    assert.equal((await emulator.ledger()).started, 1);
    assert.ok((await emulator.deliveries()).length > 2);
  });

  it('says what is wrong with a prompt, and costs nothing', async (test) => {
    const { emulator, client } = await emulated(test);
    const { server, url } = await start(client);
    test.after(() => server.close());
    const answer = await fetch(`${url}/pictures`, {
      method: 'POST',
      body: new URLSearchParams({ prompt: ' ' }),
    });
    assert.equal(answer.status, 400);
    assert.match(JSON.stringify(await answer.json()), /`prompt`/);
    assert.equal((await emulator.ledger()).started, 0);
  });

  it('tells the page of a failure', async (test) => {
    const { client } = await emulated(test);
    const { server, url } = await start(client);
    test.after(() => server.close());
    const body = new URLSearchParams({ prompt: 'A cat --emulate fail_task:forbidden' });
    const { task_id } = (await (await fetch(`${url}/pictures`, { method: 'POST', body })).json()) as {
      task_id: string;
    };
    const events = await fetch(`${url}/pictures/${task_id}/events`);
    assert.ok(events.body);
    let last: unknown;
    for await (const { state } of statuses(events.body)) {
      last = state;
    }
    assert.equal(last, 'failed');
  });
});

/** The data of server-sent events. */
async function* statuses(body: ReadableStream<Uint8Array>): AsyncGenerator<Status> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    yield* events.map((event) => JSON.parse(event.replace('data: ', '')) as Status);
  }
}
