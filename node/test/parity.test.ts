/** The surface is the one that all languages share, in this language's case; the package's functions are the methods; all is documented. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import * as api from 'midjourney-imagine';

import { PACKAGE } from './emulated.js';

const ACTIONS = [
  'act',
  'pan',
  'reroll',
  'upscale',
  'upscale2x',
  'upscale4x',
  'upscaleCreative',
  'upscaleSubtle',
  'variation',
  'variationRegion',
  'variationStrong',
  'variationSubtle',
  'zoomOut',
];
const OF_CLIENT = ['image', 'imagine', 'stream', 'submit', 'task', 'tasks'];
const SHOWN = ['toString'];

const PAGES = ['README.md', join('..', 'docs', 'node.md')];
const DECLARATIONS = readdirSync(join(PACKAGE, 'lib')).filter((file) => file.endsWith('.d.ts'));
const EXAMPLES = readdirSync(join(PACKAGE, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('examples', file));

/** The public members of a class, methods and accessors. */
function members(kind: { readonly prototype: object }): readonly string[] {
  return Object.getOwnPropertyNames(kind.prototype)
    .filter((name) => name !== 'constructor')
    .sort();
}

describe('the surface', () => {
  for (const [kind, expected] of [
    [api.Client, [...OF_CLIENT, ...SHOWN, 'baseUrl']],
    [
      api.Image,
      [
        ...ACTIONS,
        ...SHOWN,
        ...['submit', 'stream', 'bytes', 'blob', 'readable', 'save', 'toJSON', 'expires_at', 'extra', 'size'],
      ],
    ],
    [api.Task, [...SHOWN, 'wait', 'stream', 'refresh', 'toJSON']],
    [api.Update, [...SHOWN, 'toJSON']],
    [api.Updates, [...SHOWN, 'next', 'return', 'result', 'close', 'taskId']],
    [api.Mask, SHOWN],
    [
      api.Emulator,
      [
        ...SHOWN,
        ...['ledger', 'journal', 'deliveries', 'state', 'addFault', 'faults', 'clearFaults', 'script'],
        ...['setBalance', 'clockAdvance', 'reset', 'stop'],
      ],
    ],
  ] as const) {
    it(`of ${kind.name} is complete`, () => {
      assert.deepEqual(members(kind), [...expected].sort());
    });
  }

  it('has no second name for a thing, neither in the code nor in what is said of it', () => {
    // Frames are streamed, and a stream has a result; handles have the language's case.
    for (const kind of [api.Client, api.Image, api.Task, api.Updates]) {
      for (const old of ['watch', 'final', 'finish']) {
        assert.ok(!(old in kind.prototype) && !(old in kind), `${kind.name} has ${old}`);
      }
    }
    assert.ok(!('task_id' in api.Updates.prototype));
    for (const file of [...PAGES, ...EXAMPLES, ...DECLARATIONS.map((file) => join('lib', file))]) {
      const text = readFileSync(join(PACKAGE, file), 'utf8');
      assert.doesNotMatch(text, /\b(watch|final|finish)\(|updates\.task_id/, file);
    }
  });

  it('opens no constructor: what a client gives has no other way in that has a name', () => {
    for (const kind of [api.Image, api.Task, api.Update, api.Updates]) {
      assert.deepEqual(Object.getOwnPropertyNames(kind).sort(), ['length', 'name', 'prototype'], kind.name);
      const declared = readFileSync(join(PACKAGE, 'lib', `${kind.name.toLowerCase()}.d.ts`), 'utf8');
      assert.match(declared, /^ {4}private constructor\(\);$/m);
      assert.doesNotMatch(declared, /MAKE|NativeClient/);
    }
  });

  it('of the package is its classes, and a function for each method that needs no other object', () => {
    const functions = Object.entries(api)
      .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
      .map(([name]) => name);
    assert.deepEqual(functions.sort(), [...OF_CLIENT, ...ACTIONS].sort());
  });

  it('resolves or rejects, and never throws, where a promise is promised', async () => {
    const image = new api.Client({ token: 't', baseUrl: 'http://127.0.0.1:1' }).image({
      image_id: '1',
      actions: [],
    });
    const methods = image as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    for (const name of [...ACTIONS, 'submit', 'bytes', 'blob', 'save']) {
      const promise = methods[name]?.call(image, null, null, null);
      assert.ok(promise instanceof Promise, name);
      await assert.rejects(promise, name);
    }
  });
});

describe('the declarations', () => {
  const internal = ['calls.d.ts', 'native.d.ts', 'failure.d.ts', 'record.d.ts', 'abort.d.ts', 'index.d.ts'];

  for (const file of DECLARATIONS.filter((file) => !internal.includes(file))) {
    it(`of ${file} are documented`, () => {
      const lines = readFileSync(join(PACKAGE, 'lib', file), 'utf8').split('\n');
      let depth = 0;
      for (const [index, line] of lines.entries()) {
        const declares =
          depth === 0 ? /^export (declare|type|interface)/ : /^ {4}(?! |[*}/]|#private|private )\S/;
        // Documented where they are declared first.
        const isAgain = /^export interface (Image|Task) |^ {4}(static )?readonly (kind|accepted) = /.test(
          line,
        );
        if (declares.test(line) && depth <= 1 && !isAgain && !/^\s*(\||})/.test(line)) {
          const above = lines[index - 1]?.trim() ?? '';
          assert.ok(above.endsWith('*/'), `${file}:${index + 1}: ${line.trim()}`);
        }
        if (!/^\s*\/?\*/.test(line)) {
          depth += (line.match(/[{(]/g)?.length ?? 0) - (line.match(/[})]/g)?.length ?? 0);
        }
      }
    });
  }

  it('have no option and no error class that the reference does not explain', () => {
    const reference = readFileSync(join(PACKAGE, '..', 'docs', 'node.md'), 'utf8');
    const errors = Object.keys(api).filter((name) => name.endsWith('Error'));
    assert.ok(errors.includes('CallbackError') && !errors.includes('WebhookVerificationError'));
    const interfaces = ['client', 'options', 'models']
      .flatMap((file) => readFileSync(join(PACKAGE, 'lib', `${file}.d.ts`), 'utf8').split(/^export /m))
      .filter((declared) => /^interface \w+Options?\b/.test(declared));
    const names = interfaces.flatMap((declared) =>
      [...declared.matchAll(/^ {4}readonly (\w+)\?:/gm)].map(([, name = '']) => name),
    );
    assert.ok(names.includes('appName') && names.includes('keepExisting') && names.includes('moodboard'));
    assert.deepEqual(
      [...errors, ...names].filter((name) => !reference.includes(`\`${name}\``)),
      [],
    );
  });

  it('name nothing of Node', () => {
    for (const file of DECLARATIONS) {
      const text = readFileSync(join(PACKAGE, 'lib', file), 'utf8');
      assert.doesNotMatch(text, /\bNodeJS\b|from 'node:|\bBuffer\b(?!`)|types="node"/, file);
    }
  });
});
