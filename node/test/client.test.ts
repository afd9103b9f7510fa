/** What a caller of `Client`, `Image` and `Task` meets, beside what the vectors show. Pictures and masks are in `pictures.test.ts`. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import * as api from 'midjourney-imagine';
import {
  ActionNotAvailableError,
  Client,
  ConfigError,
  DeadlineError,
  InvalidRequestError,
  NotFoundError,
  type Update,
} from 'midjourney-imagine';

import { type Emulated, emulated, environment, folder, inEnvironment } from './emulated.js';

async function withGrid(test: TestContext): Promise<Emulated & { readonly grid: api.Image }> {
  const { emulator, client } = await emulated(test);
  return { emulator, client, grid: await client.imagine('A cat sitting on a table') };
}

describe('settings', () => {
  it('come from the environment, and an argument beats it', async (test) => {
    const emulator = await inEnvironment(test);
    assert.equal(new Client().baseUrl, emulator.url);
    const gateway = new Client({ baseUrl: 'https://gateway.example/midjourney/' });
    assert.equal(gateway.baseUrl, 'https://gateway.example/midjourney');
  });

  it('without a token make no client, and say what to set', async (test) => {
    environment(test, { ACEDATACLOUD_API_TOKEN: undefined });
    const missing = { name: 'ConfigError', message: /ACEDATACLOUD_API_TOKEN/ };
    assert.throws(() => new Client(), missing);
    await assert.rejects(api.imagine('A cat'), missing);
    await assert.rejects(api.reroll('1'), missing);
  });

  for (const setting of [
    { deadline: 0 },
    { deadline: Number.NaN },
    { pollInterval: -1 },
    { connectTimeout: Number.POSITIVE_INFINITY },
    { maxRetries: -1 },
    { proxy: 'nowhere' },
    { appName: 'two\nlines' },
    { token: 7 },
  ]) {
    it(`that cannot hold are named: ${inspect(setting)}`, () => {
      const [name = ''] = Object.keys(setting);
      assert.throws(
        () => new Client({ token: 't', ...(setting as object) }),
        (error: Error) => {
          assert.ok(error instanceof ConfigError);
          assert.ok(error.message.startsWith(`\`${name}\``), error.message);
          return true;
        },
      );
    });
  }

  it('that nobody reads are refused, with the one that is meant', () => {
    for (const [wrong, right] of [
      ['base_url', 'baseUrl'],
      ['baseURL', 'baseUrl'],
      ['tokn', 'token'],
      ['maxRetrys', 'maxRetries'],
    ]) {
      assert.throws(() => new Client({ [`${wrong}`]: 'x' }), {
        name: 'ConfigError',
        message: `\`${wrong}\`: there is no such option; did you mean \`${right}\`?`,
      });
    }
    assert.throws(() => new Client({ colour: 'red' } as never), {
      message: '`colour`: there is no such option',
    });
  });

  it('take certificates as text, as bytes and from a file', async (test) => {
    const pem = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
    const path = join(await folder(test), 'ca.pem');
    await writeFile(path, pem);
    for (const caCertificates of [pem, Buffer.from(pem), path, pathToFileURL(path)]) {
      assert.ok(new Client({ token: 't', caCertificates }));
    }
    assert.throws(() => new Client({ token: 't', caCertificates: `${path}.not` }), {
      name: 'ConfigError',
      message: '`caCertificates`: the file cannot be read: ENOENT',
    });
  });

  it('are never shown', () => {
    const client = new Client({
      token: 'secret-token',
      proxy: 'http://user:secret-password@proxy.example:1',
      baseUrl: 'http://127.0.0.1:1',
    });
    assert.equal(String(client), 'Client(http://127.0.0.1:1)');
    const shown = [
      inspect(client, { depth: 9, showHidden: true }),
      inspect(client, { customInspect: false, depth: 9, showHidden: true }),
      JSON.stringify(client),
      inspect(client.image('1'), { customInspect: false, depth: 9, showHidden: true }),
      inspect(client.stream('A secret-prompt'), { customInspect: false, depth: 9, showHidden: true }),
    ];
    assert.doesNotMatch(shown.join(), /secret/);
  });
});

describe('options', () => {
  it('that nobody reads are refused before anything is sent', async (test) => {
    const { emulator, client, grid } = await withGrid(test);
    const wrong = { splitimages: true } as object;
    const refused = {
      name: 'InvalidRequestError',
      message: '`splitimages`: there is no such option; did you mean `splitImages`?',
    };
    const task = await client.submit('A dog');
    for (const call of [
      () => client.imagine('A cat', wrong),
      () => client.submit('A cat', wrong),
      () => client.stream('A cat', wrong).next(),
      () => grid.upscale(1, wrong),
      () => grid.submit('upscale1', wrong),
      () => grid.stream('upscale1', wrong).next(),
      () => grid.variationRegion('mask.png', 'A hat', wrong),
    ]) {
      await assert.rejects(call, refused);
    }
    for (const call of [
      () => grid.bytes({ subimage: 1 } as object),
      () => grid.save('x', { keep_existing: true } as object),
      () => task.wait({ deadlin: 1 } as object),
      () => task.refresh({ deadline: 1 } as object),
      () => client.task('1', { deadline: 1 } as object),
      () => client.submit('A cat', { onProgress() {} } as object),
      () => grid.variationRegion('mask.png', 'A hat', { mask: 'other.png' } as object),
    ]) {
      await assert.rejects(call, { name: 'InvalidRequestError', message: /there is no such option/ });
    }
    assert.equal((await emulator.ledger()).submissions, 2);
  });

  it('whose values cannot be sent as they are are refused', async (test) => {
    const { emulator, client } = await emulated(test);
    for (const [name, value] of Object.entries({
      deadline: Number.POSITIVE_INFINITY,
      timeout: Number.NaN,
      version: 7,
      mode: Symbol('fast'),
      hd: 'yes',
      signal: new AbortController(),
      onProgress: 'print',
      extra: { seed: 12n },
    })) {
      await assert.rejects(client.imagine('A cat', { [name]: value } as object), (error: Error) => {
        assert.ok(error instanceof InvalidRequestError, `${name}: ${error}`);
        assert.match(error.message, name === 'extra' ? /`seed`/ : new RegExp(`\`${name}\``));
        return true;
      });
    }
    for (const options of [null, 'turbo', 7]) {
      await assert.rejects(client.imagine('A cat', options as never), InvalidRequestError);
    }
    for (const prompt of [undefined, '', ' ', 7]) {
      await assert.rejects(client.imagine(prompt as never), InvalidRequestError);
    }
    assert.equal((await emulator.ledger()).submissions, 0);
  });

  it('that are undefined or null are left out', async (test) => {
    const { emulator, client } = await emulated(test);
    const nothing = {
      mode: null,
      hd: undefined,
      mask: null,
      extra: null,
      deadline: null,
      signal: null,
      onProgress: null,
    };
    assert.equal((await client.imagine('A cat', nothing as object)).progress, 100);
    assert.deepEqual(JSON.parse((await emulator.journal())[0]?.body ?? ''), { prompt: 'A cat', async: true });
    assert.ok(new Client({ baseUrl: emulator.url, token: 't', proxy: null, deadline: undefined } as object));
  });

  it('go out under the names of the wire, and those left out do not', async (test) => {
    const { emulator, client } = await emulated(test);
    await client.imagine('A cat', {
      mode: 'turbo',
      splitImages: true,
      callbackUrl: undefined,
      extra: { application_id: 'a' },
    });
    const [entry] = await emulator.journal();
    assert.deepEqual(JSON.parse(entry?.body ?? ''), {
      prompt: 'A cat',
      mode: 'turbo',
      split_images: true,
      application_id: 'a',
      async: true,
    });
  });
});

describe("options that are not an object's own", () => {
  it('are refused, and not dropped', async (test) => {
    const { emulator, client, grid } = await withGrid(test);
    for (const options of [
      Object.create({ mode: 'relax' }),
      new Map([['mode', 'relax']]),
      ['relax'],
      new Date(),
    ]) {
      for (const call of [
        () => client.imagine('A cat', options),
        () => client.submit('A cat', options),
        () => client.stream('A cat', options).next(),
        () => grid.upscale(1, options),
        () => grid.stream('upscale1', options).next(),
      ]) {
        await assert.rejects(call, /plain object/);
      }
    }
    await assert.rejects(client.imagine('A cat', { extra: new Map([['seed', 1]]) as never }), /`extra`/);
    await assert.rejects(client.imagine('A cat', { extra: { deep: new Set([1]) } }), /`deep`/);
    assert.equal((await emulator.ledger()).submissions, 1);
  });

  it('are not taken from the prototype of all objects', async (test) => {
    const { emulator, client } = await emulated(test);
    Object.defineProperty(Object.prototype, 'mode', { value: 'turbo', configurable: true });
    test.after(() => Reflect.deleteProperty(Object.prototype, 'mode'));
    await client.imagine('A cat');
    assert.equal((await emulator.ledger()).entries[0]?.mode, 'fast');
  });

  it('are no functions: a setting that is one does not fall back to the default', () => {
    const baseUrl = (() => 'http://127.0.0.1:1') as never;
    assert.throws(() => new Client({ token: 't', baseUrl }), {
      name: 'ConfigError',
      message: /^`baseUrl`|^`base_url`/,
    });
  });
});

it('a refusal says what would do, and does not repeat what was given', async (test) => {
  const { emulator, client, grid } = await withGrid(test);
  const loosely = (call: unknown) => call as (...given: unknown[]) => Promise<unknown>;
  const refusals: [() => Promise<unknown>, string][] = [
    [() => loosely(client.imagine.bind(client))(42), '`prompt`: expected a string'],
    [() => client.imagine('A cat', { callbackUrl: 'nowhere' }), '`callbackUrl`: it is not an absolute'],
    [() => loosely(grid.variationRegion.bind(grid))('mask.png'), '`prompt`: say what to draw there'],
    [async () => client.image(''), '`image`: an id is not empty'],
    [() => emulator.addFault('fail_task'), '`fault`: fault `fail_task` needs a word'],
    [() => emulator.addFault('nothing'), '`fault`: unknown fault `nothing`; there are: refuse_before_accept'],
  ];
  for (const [refused, message] of refusals) {
    await assert.rejects(refused, (error: Error) => {
      assert.ok(error instanceof InvalidRequestError);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  }
  assert.equal((await emulator.ledger()).submissions, 1);
});

describe('an image', () => {
  it('has every action of the surface', async (test) => {
    const { client, grid } = await withGrid(test);
    const cat = await grid.upscale(2);
    const [old] = [await (await client.imagine('A cat --version 5.2')).upscale(1)];
    for (const image of [
      await grid.variation(1),
      await grid.reroll(),
      await grid.act('variation2'),
      await cat.variationSubtle(),
      await cat.variationStrong(),
      await cat.zoomOut(2),
      await cat.zoomOut(1.5),
      await cat.pan('left'),
      await old.upscale2x(),
      await old.upscale4x(),
    ]) {
      assert.equal(image.progress, 100);
    }
    const offers = new Set(cat.actions);
    for (const [action, call] of [
      ['upscale_subtle', () => cat.upscaleSubtle()],
      ['upscale_creative', () => cat.upscaleCreative()],
    ] as const) {
      await (offers.has(action)
        ? call().then(({ progress }) => assert.equal(progress, 100))
        : assert.rejects(call, ActionNotAvailableError));
    }
  });

  it('refuses what it does not offer before anything is sent', async (test) => {
    const { emulator, grid } = await withGrid(test);
    for (const call of [
      () => grid.zoomOut(2),
      () => grid.submit('pan_left'),
      () => grid.stream('pan_left').next(),
    ]) {
      await assert.rejects(call, (error: Error) => {
        assert.ok(error instanceof ActionNotAvailableError);
        assert.match(error.message, /it offers upscale1, upscale2/);
        assert.equal(error.mayHaveBeenAccepted, false);
        return true;
      });
    }
    assert.equal((await emulator.ledger()).submissions, 1);
  });

  it('takes options and reports progress', async (test) => {
    const { emulator, grid } = await withGrid(test);
    const seen: Update[] = [];
    await grid.variation(1, {
      mode: 'turbo',
      extra: { application_id: 'a' },
      onProgress: (update) => seen.push(update),
    });
    assert.equal(seen.at(-1)?.done, true);
    assert.equal(seen.filter(({ done }) => done).length, 1);
    const { body = '' } =
      (await emulator.journal()).filter(({ path }) => path === '/midjourney/imagine').at(-1) ?? {};
    assert.deepEqual(JSON.parse(body), {
      action: 'variation1',
      image_id: grid.image_id,
      mode: 'turbo',
      application_id: 'a',
      async: true,
    });
  });

  it('can be submitted for an action, and streamed', async (test) => {
    const { grid } = await withGrid(test);
    const task = await grid.submit('upscale1');
    assert.equal((await task.wait()).task_id, task.task_id);
    const updates = grid.stream('upscale2');
    const image = await updates.result();
    assert.equal(image.progress, 100);
    assert.equal(image.task_id, updates.taskId);
  });

  it('streams an action alone, and sends nothing for what is none', async (test) => {
    const { emulator, grid } = await withGrid(test);
    for (const none of [undefined, null, 7, { preview: true }]) {
      await assert.rejects(grid.stream(none as never).next(), InvalidRequestError);
    }
    assert.equal((await emulator.ledger()).submissions, 1);
  });

  it('of another client goes on with this one', async (test) => {
    const { emulator, grid } = await withGrid(test);
    const other = new Client({ baseUrl: emulator.url, token: 't', appName: 'another' });
    await other.image(grid).reroll();
    const agents = (await emulator.journal()).map(({ headers }) => headers['user-agent'] ?? '');
    assert.doesNotMatch(agents[0] ?? '', /^another/);
    assert.match(agents.at(-1) ?? '', /^another/);
  });
});

describe('a task', () => {
  it('is waited for, streamed and looked up', async (test) => {
    const { client } = await emulated(test);
    const task = await client.submit('A lighthouse');
    const image = await task.wait({ deadline: 30 });
    assert.deepEqual((await client.task(task.task_id)).image, image);
    assert.ok(task.trace_id);
    assert.equal((await client.task({ traceId: task.trace_id })).task_id, task.task_id);
    assert.deepEqual((await task.stream().result()).toJSON(), image.toJSON());
    const found = await client.tasks(new Set([task.task_id, '11111111-2222-4333-8444-555555555555']));
    assert.deepEqual(
      found.map((one) => one?.task_id ?? null),
      [task.task_id, null],
    );
    await assert.rejects(client.task('11111111-2222-4333-8444-555555555555'), NotFoundError);
    for (const nothing of [undefined, null, {}, 7]) {
      await assert.rejects(client.task(nothing as never), InvalidRequestError);
    }
  });

  it('is named by a deadline that passed, and goes on', async (test) => {
    const { emulator, client } = await emulated(test, { speed: 'virtual' });
    let left: DeadlineError | undefined;
    // A busy machine may not have the task's id within the first.
    for (const deadline of [0.3, 3, 30]) {
      try {
        await client.imagine('A cat', { deadline });
      } catch (error) {
        assert.ok(error instanceof DeadlineError);
        left = error;
      }
      if (left?.taskId) {
        break;
      }
    }
    assert.ok(left?.taskId);
    assert.equal(left.mayHaveBeenAccepted, true);
    await emulator.clockAdvance(60);
    assert.equal((await (await client.task(left.taskId)).wait()).progress, 100);
  });
});

describe('a stream', () => {
  it('that has given its picture keeps it, whatever is aborted then', async (test) => {
    const { client } = await emulated(test);
    const late = new AbortController();
    const updates = client.stream('A cat', { signal: late.signal });
    const seen: Update[] = [];
    for await (const update of updates) {
      seen.push(update);
      if (update.done) {
        late.abort();
      }
    }
    assert.equal((await updates.result()).image_id, seen.at(-1)?.image?.image_id);
  });

  it('asks for what was asked for, and not for what the options have become', async (test) => {
    const { emulator, client } = await emulated(test);
    const options = { mode: 'relax' };
    const updates = client.stream('A cat', options);
    options.mode = 'turbo';
    await updates.result();
    assert.equal((await emulator.ledger()).entries[0]?.mode, 'relax');
  });

  it('sends nothing before the first update is asked for', async (test) => {
    const { emulator, client } = await emulated(test);
    const updates = client.stream('A cat');
    updates.close();
    assert.deepEqual(await updates.next(), { done: true, value: undefined });
    await assert.rejects(updates.result(), /closed before the picture was finished/);
    assert.equal((await emulator.journal()).length, 0);
  });

  it('gives its end again to those who ask later', async (test) => {
    const { client } = await emulated(test);
    const updates = client.stream('A cat');
    const image = await updates.result();
    assert.equal(await updates.result(), image);
    assert.deepEqual(await updates.next(), { done: true, value: undefined });
    const failing = client.stream('A cat --emulate fail_task:forbidden');
    const [one, other] = await Promise.allSettled([failing.result(), failing.result()]);
    assert.ok(one.status === 'rejected' && other.status === 'rejected');
    assert.equal(one.reason, other.reason);
    assert.equal(one.reason.kind, 'moderation');
  });

  it('ends with its block', async (test) => {
    const { emulator, client } = await emulated(test);
    const frame = { success: true, task_id: 't-1', image_id: '1', progress: 35, actions: [] };
    await emulator.script([{ path: '/midjourney/imagine', lines: [frame], then: 'hold' }]);
    const kept: api.Updates[] = [];
    {
      await using updates = client.stream('A cat');
      assert.equal((await updates.next()).value?.progress, 35);
      assert.equal(String(updates), 'Updates(taskId: t-1)');
      kept.push(updates);
    }
    // The stream itself is still held here, so nothing but its block can have ended the exchange.
    const [request] = await emulator.journal({ abandoned: 1 });
    assert.equal(request?.abandoned, true);
    assert.equal(kept[0]?.taskId, 't-1');
  });
});

describe("the package's functions", () => {
  it("use the environment's client", async (test) => {
    const emulator = await inEnvironment(test);
    const grid = await api.imagine('A cat');
    const cat = await api.upscale(grid, 2, { mode: 'turbo' });
    assert.equal((await api.zoomOut(cat.toJSON(), 2)).progress, 100);
    assert.equal((await api.act(grid.image_id, 'variation1')).progress, 100);
    assert.deepEqual(api.image(JSON.stringify(cat)).toJSON(), cat.toJSON());
    const task = await api.submit('A dog');
    assert.equal((await (await api.task(task.task_id)).wait()).progress, 100);
    assert.equal((await api.tasks([task.task_id])).length, 1);
    assert.equal((await api.stream('A bird').result()).progress, 100);
    assert.equal((await emulator.ledger()).started, 6);
  });

  it('follow the environment when it changes', async (test) => {
    const first = await inEnvironment(test);
    await api.submit('A cat');
    const second = await inEnvironment(test);
    await api.submit('A cat');
    assert.equal((await first.ledger()).submissions, 1);
    assert.equal((await second.ledger()).submissions, 1);
  });
});
