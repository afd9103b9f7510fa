/** Images, tasks and updates as data: they cannot change, they travel as JSON, and they show no secret. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import {
  Client,
  Image,
  type ImageData,
  InvalidRequestError,
  PictureError,
  type Update,
} from 'midjourney-imagine';

import { emulated } from './emulated.js';

const DATA = {
  image_id: '1211290228438868029',
  task_id: '27a1128f-14b5-440e-a82d-510c81e6fcd4',
  progress: 100,
  actions: ['upscale1', 'reroll'],
  image_url: 'https://h.example/p.png?ex=65eda8ef&hm=signature',
  raw_image_width: 2048,
  raw_image_height: 1024,
  new: { deep: [1, { deeper: true }] },
  save: 'a field with the name of a method',
};

const client = new Client({ token: 'secret-token', baseUrl: 'http://127.0.0.1:1' });
const image = client.image(DATA);

describe('an image', () => {
  it('keeps long numbers digit for digit, as text', () => {
    const text =
      '{"image_id":1211290228438868029,"job_id":1211290228438868029,"deep":[-9007199254740993,1.5,9007199254740991,"\\"12345678901234567890"]}';
    const { image_id, extra } = client.image(text);
    assert.equal(image_id, '1211290228438868029');
    assert.deepEqual(extra, {
      job_id: '1211290228438868029',
      deep: ['-9007199254740993', 1.5, 9007199254740991, '"12345678901234567890'],
    });
  });

  it('has its data under the names of the wire', () => {
    assert.equal(image.image_id, '1211290228438868029');
    assert.deepEqual(image.actions, ['upscale1', 'reroll']);
    assert.deepEqual(image.size, { width: 2048, height: 1024 });
    assert.ok(!('image_width' in image), 'what is absent is not there');
    assert.deepEqual(image.extra, { new: DATA.new, save: DATA.save });
    assert.equal(typeof image.save, 'function', 'a new field takes no method away');
  });

  it('is its wire form in JSON, and comes back from it', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(image)), DATA);
    for (const source of [JSON.stringify(image), `  ${JSON.stringify(image)}`, image.toJSON(), image]) {
      const again = client.image(source);
      assert.ok(again instanceof Image);
      assert.deepEqual(again.toJSON(), image.toJSON());
    }
  });

  it('is equal to another when their data are', () => {
    assert.deepEqual(client.image(DATA), image);
    assert.notDeepEqual(client.image({ ...DATA, progress: 99 } as ImageData), image);
  });

  it('cannot be changed, and does not change with what it was made from', () => {
    const source = structuredClone(DATA);
    const image = client.image(source);
    source.actions.length = 0;
    assert.deepEqual(image.actions, DATA.actions);
    const data = image as unknown as Record<string, unknown>;
    for (const name of ['image_id', 'progress', 'extra', 'anything']) {
      assert.throws(() => Object.assign(data, { [name]: 'changed' }), TypeError, name);
    }
    assert.throws(() => (image.actions as string[]).push('more'), TypeError);
    assert.throws(() => ((image.toJSON() as unknown as typeof DATA).new.deep = []), TypeError);
  });

  it('keeps all digits of an id, and refuses one that has lost some', () => {
    assert.equal(client.image('{"image_id": 1211290228438868029}').image_id, '1211290228438868029');
    const parsed = JSON.parse('{"image_id": 1211290228438868029}');
    assert.throws(() => client.image(parsed), { name: 'InvalidRequestError', message: /`image_id`.*digits/ });
  });

  it('is refused when it is none', () => {
    for (const source of ['{', '{"image_id"', null, undefined, 7, []]) {
      assert.throws(() => client.image(source as never), InvalidRequestError, inspect(source));
    }
  });

  it('shows its id, size and actions, and no signed URL', () => {
    const shown = 'Image(1211290228438868029, 2048×1024, actions: upscale1 reroll)';
    assert.equal(String(image), shown);
    assert.equal(inspect({ image }, { breakLength: 200 }), `{ image: ${shown} }`);
    assert.equal(
      String(client.image({ image_id: '1', progress: 35, actions: [] })),
      'Image(1, 35 %, actions: none)',
    );
  });

  it('knows when its URL ends', () => {
    assert.deepEqual(image.expires_at, new Date('2024-03-10T12:34:55Z'));
  });

  it('from an id alone offers every action and has no URL', async () => {
    const image = client.image('1211290228438868029');
    assert.deepEqual({ ...image }, { image_id: '1211290228438868029' });
    assert.deepEqual([image.expires_at, image.size, image.extra], [undefined, undefined, {}]);
    await assert.rejects(image.bytes(), PictureError);
  });
});

describe('tasks and updates', () => {
  it('have their data, and the image to go on with', async (test) => {
    const { client } = await emulated(test);
    const seen: Update[] = [];
    const submitted = await client.submit('A private prompt');
    await submitted.wait({ onProgress: (update) => seen.push(update) });
    const task = await submitted.refresh();
    assert.deepEqual([task.state, task.progress, task.error], ['succeeded', 100, undefined]);
    assert.equal(task.request.prompt, 'A private prompt');
    assert.ok(task.image instanceof Image);
    assert.equal(typeof task.created_at, 'number');
    const last = seen.at(-1);
    assert.ok(last?.image instanceof Image);
    assert.deepEqual(JSON.parse(JSON.stringify(last)), {
      task_id: task.task_id,
      progress: 100,
      done: true,
      image: JSON.parse(JSON.stringify(task.image)),
    });
    assert.deepEqual(JSON.parse(JSON.stringify(task)).image, JSON.parse(JSON.stringify(task.image)));
    assert.throws(() => Object.assign(task, { state: 'failed' }), TypeError);
    assert.throws(() => Object.assign(last, { progress: 1 }), TypeError);
  });

  it('show ids and progress, and neither prompts nor URLs', async (test) => {
    const { client } = await emulated(test);
    const task = await client.submit('A private prompt');
    await task.wait({
      onProgress: (update) => {
        assert.equal(inspect(update), String(update));
        assert.match(String(update), /^Update\(task_id: [0-9a-f-]{36}, progress: \d+, done: (true|false)\)$/);
      },
    });
    const shown = inspect([await task.refresh()], { breakLength: 200 });
    assert.match(shown, /^\[ Task\(task_id: [0-9a-f-]{36}, state: succeeded, progress: 100\) \]$/);
  });

  it('of a failure have its error', async (test) => {
    const { client } = await emulated(test);
    const task = await client.submit('A cat --emulate fail_task:forbidden');
    await assert.rejects(task.wait(), { name: 'ModerationError' });
    const failed = await task.refresh();
    assert.equal(failed.state, 'failed');
    assert.equal(failed.error?.kind, 'moderation');
    assert.equal(failed.error.taskId, task.task_id);
  });
});
