/** The tarball as a stranger has it: installed into an empty project, without a network, compiled strictly, and run. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { PACKAGE } from './emulated.js';
import { compile, node, npm } from './programs.js';

const FIRST = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8'))?.[1] ?? '';

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: 'es2022',
  // Neither Node's types nor anybody else's.
  types: [],
};

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

describe('the tarball', () => {
  const project = mkdtempSync(join(tmpdir(), 'midjourney-imagine-project-'));
  let packed: Packed;

  before(async () => {
    const [one] = JSON.parse(
      await npm(['pack', '--json', '--pack-destination', project], PACKAGE),
    ) as Packed[];
    assert.ok(one);
    packed = one;
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    await npm(['install', packed.filename], project);
  });

  after(() => rmSync(project, { recursive: true }));

  it('holds the code, the types, one native file, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const native = paths.filter((path) => path.startsWith('native/'));
    assert.match(native.join(), /^native\/midjourney-imagine\.[a-z0-9-]+\.node$/);
    const others = paths.filter(
      (path) => !/^lib\/[a-z]+\.(d\.ts|d\.mts|js|mjs)$/.test(path) && !native.includes(path),
    );
    assert.deepEqual(others.filter((path) => path !== 'LICENSE').sort(), ['README.md', 'package.json']);
  });

  it('brings no other package along', () => {
    const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
    assert.deepEqual(Object.keys(packages), ['', 'node_modules/midjourney-imagine']);
  });

  for (const [name, { file, ...options }] of Object.entries({
    'ESM, node16': { file: 'first.mts', module: 'node16' },
    'ESM, nodenext': { file: 'first.mts', module: 'nodenext' },
    'ESM for a bundler': { file: 'first.mts', module: 'esnext', moduleResolution: 'bundler' },
    'CommonJS, node16': { file: 'first.cts', module: 'node16' },
  })) {
    it(`compiles and runs as ${name}`, async () => {
      const place = join(project, name.replaceAll(/\W+/g, '-'));
      mkdirSync(place);
      const program = file.endsWith('.cts')
        ? FIRST.replace(/(?<=;\n).*/s, (body) => `void (async () => {\n${body}})();\n`)
        : FIRST;
      writeFileSync(join(place, file), program);
      const tsconfig = { compilerOptions: { ...STRICT, ...options }, include: [file] };
      writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(tsconfig));
      await compile(place);
      const { stdout, stderr } = await node([file.replace('ts', 'js')], place);
      assert.equal(stderr, '');
      assert.equal(stdout, 'cat.png\n');
      assert.equal(readFileSync(join(place, 'cat.png')).toString('latin1', 1, 4), 'PNG');
    });
  }
});
