/** Pictures out (bytes, blob, web stream, file) and pictures in (masks). */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import { type Image, InvalidRequestError, Mask, type MaskSource, PictureError } from 'midjourney-imagine';

import { emulated, folder } from './emulated.js';

/** Width and height of a PNG, which the emulator draws. */
function size(png: Uint8Array): readonly [number, number] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  assert.equal(view.getUint32(0), 0x89504e47, 'it is a PNG');
  return [view.getUint32(16), view.getUint32(20)];
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

describe('a picture', () => {
  it('comes in three sizes', async (test) => {
    const { client } = await emulated(test);
    const grid = await client.imagine('A cat', { splitImages: true });
    assert.deepEqual(size(await grid.bytes()), [2048, 2048]);
    assert.deepEqual(size(await grid.bytes({ preview: true })), [1024, 1024]);
    assert.deepEqual(size(await grid.bytes({ subImage: 4 })), [1024, 1024]);
    assert.equal(grid.sub_image_urls?.length, 4);
    await assert.rejects(grid.bytes({ subImage: 5 as never }), PictureError);
  });

  it('is the same as bytes, blob, web stream and file', async (test) => {
    const { client } = await emulated(test);
    const image = await client.imagine('A cat');
    const bytes = await image.bytes();
    assert.equal(bytes.constructor === Uint8Array || Buffer.isBuffer(bytes), true);
    const blob = await image.blob();
    assert.equal(blob.type, 'image/png');
    assert.deepEqual(Buffer.from(await blob.arrayBuffer()), Buffer.from(bytes));
    assert.deepEqual(await read(image.readable()), Buffer.from(bytes));
    const path = await image.save(await folder(test));
    assert.deepEqual(await readFile(path), Buffer.from(bytes));
    assert.deepEqual(Buffer.from(await new Response(image.readable()).arrayBuffer()), Buffer.from(bytes));
  });

  it('is saved under the name that was asked for, and the path that was written is told', async (test) => {
    const { client } = await emulated(test);
    const image = await client.imagine('A cat');
    const place = await folder(test);
    assert.equal(await image.save(place), join(place, `${image.image_id}.png`));
    assert.equal(
      await image.save(join(place, 'new', 'cat'), { preview: true }),
      join(place, 'new', 'cat.png'),
    );
    const path = join(place, 'a picture.png');
    assert.equal(await image.save(pathToFileURL(path)), path);
    await assert.rejects(image.save(path, { keepExisting: true }), PictureError);
    assert.deepEqual((await readdir(place)).sort(), [`${image.image_id}.png`, 'a picture.png', 'new'].sort());
  });

  it('that cannot be fetched says so, and leaves no file', async (test) => {
    const { emulator, client } = await emulated(test, {}, { maxRetries: 0 });
    const image = await client.imagine('A cat');
    await emulator.addFault('picture_404', undefined, { times: 0 });
    const path = join(await folder(test), 'cat.png');
    await assert.rejects(image.save(path), PictureError);
    await assert.rejects(image.bytes(), PictureError);
    await assert.rejects(image.blob(), PictureError);
    await assert.rejects(read(image.readable()), PictureError);
    await assert.rejects(read(image.readable({ subimage: 1 } as object)), InvalidRequestError);
    await assert.rejects(
      read(image.readable({ signal: new AbortController() } as object)),
      InvalidRequestError,
    );
    assert.ok(!existsSync(path));
  });

  it('is not fetched before its stream is read, and no longer when that is cancelled', async (test) => {
    const { emulator, client } = await emulated(test);
    const image = await client.imagine('A cat');
    const before = (await emulator.journal()).length;
    const unread = image.readable();
    assert.equal((await emulator.journal()).length, before);
    await unread.cancel();
    const path = new URL(image.raw_image_url ?? '').pathname;
    await emulator.script([{ path, body: 'x', then: 'hold' }]);
    const reader = image.readable().getReader();
    const reading = reader.read();
    await emulator.journal({ requests: before + 1 });
    await reader.cancel();
    assert.deepEqual(await reading, { done: true, value: undefined });
    assert.equal((await emulator.journal({ abandoned: 1 })).at(-1)?.abandoned, true);
  });

  it('is no longer fetched when the signal of its stream is aborted', async (test) => {
    const { emulator, client } = await emulated(test);
    const image = await client.imagine('A cat');
    const path = new URL(image.raw_image_url ?? '').pathname;
    const before = (await emulator.journal()).length;
    await emulator.script([{ path, body: 'x', then: 'hold' }]);
    const controller = new AbortController();
    const reason = new Error('left');
    const reading = assert.rejects(read(image.readable({ signal: controller.signal })), reason);
    await emulator.journal({ requests: before + 1 });
    controller.abort(reason);
    await reading;
    assert.equal((await emulator.journal({ abandoned: 1 })).at(-1)?.abandoned, true);
  });
});

/** A white mask of the size of the picture: the emulator takes a picture for its own mask. */
async function masks(cat: Image, place: string): Promise<Readonly<Record<string, MaskSource>>> {
  const path = await cat.save(join(place, 'mask.png'));
  const content = await readFile(path);
  const bytes = new Uint8Array(content);
  const framed = new Uint8Array(bytes.length + 8);
  framed.set(bytes, 4);
  return {
    path,
    'file URL': pathToFileURL(path),
    'file URL as text': String(pathToFileURL(path)),
    'data URL': `data:image/png;base64,${content.toString('base64')}`,
    Buffer: content,
    Uint8Array: bytes,
    'part of an ArrayBuffer': framed.subarray(4, -4),
    ArrayBuffer: bytes.buffer,
    Blob: new Blob([bytes]),
    Mask: Mask.file(path),
    'Mask of bytes': Mask.bytes(content),
  };
}

describe('a mask', () => {
  it('is whatever holds it', async (test) => {
    const { emulator, client } = await emulated(test);
    const cat = await (await client.imagine('A cat')).upscale(1);
    const sent = new Map<string, number>();
    for (const [name, mask] of Object.entries(await masks(cat, await folder(test)))) {
      assert.equal((await cat.variationRegion(mask, 'a red hat')).progress, 100, name);
      const entries = (await emulator.journal()).filter(({ path }) => path === '/midjourney/imagine');
      sent.set(name, entries.at(-1)?.body_bytes ?? 0);
    }
    assert.equal(new Set(sent.values()).size, 1, `all sent the same: ${inspect(sent)}`);
  });

  it('at a URL is fetched by the service', async (test) => {
    const { emulator, client } = await emulated(test);
    const url = 'https://me.example/mask.png?signature=1';
    for (const mask of [url, new URL(url), Mask.url(url)]) {
      // What the emulator makes of it is not the point: it fetches no URLs.
      await client
        .image('1')
        .variationRegion(mask, 'a red hat')
        .catch(() => {});
      const { body = '' } = (await emulator.journal()).at(-1) ?? {};
      assert.equal(JSON.parse(body).mask, url);
    }
  });

  it('that cannot be read is refused without its name, and nothing is sent', async (test) => {
    const { emulator, client } = await emulated(test);
    const missing = join(await folder(test), 'secret-name.png');
    for (const mask of [missing, pathToFileURL(missing), Mask.file(missing), Mask.file('a\0secret-name')]) {
      await assert.rejects(client.image('1').variationRegion(mask, 'a hat'), (error: Error) => {
        assert.ok(error instanceof InvalidRequestError);
        assert.match(error.message, /^`mask`: the file cannot be read: /);
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /secret-name/);
        return true;
      });
    }
    for (const mask of [7, {}, null, undefined, ['mask.png']]) {
      await assert.rejects(client.image('1').variationRegion(mask as never, 'a hat'), InvalidRequestError);
    }
    assert.equal((await emulator.journal()).length, 0);
  });

  it('shows nothing of what it holds', () => {
    const mask = Mask.url('https://me.example/mask.png?signature=secret');
    assert.equal(String(mask), 'Mask()');
    assert.doesNotMatch(inspect(mask, { showHidden: true }), /secret/);
  });
});
