/** The examples of the READMEs, of the reference (`docs/node.md`) and of `docs/emulator.md` run as they stand. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import { emulated, folder, PACKAGE } from './emulated.js';
import { compile, node } from './programs.js';

const PAGES = ['README.md', '../docs/node.md', '../docs/emulator.md', '../README.md'].map((page) =>
  readFileSync(join(PACKAGE, page), 'utf8'),
);
const PROGRAMS = [...PAGES.join('').matchAll(/^```ts\n(.*?)^```/gms)].map(([, program = '']) => program);
// Inside the package, where its own name finds it.
const PLACE = join(PACKAGE, 'build', 'readme');

// They look their tasks up every two seconds, as users' programs do.
describe('the README and the reference', { concurrency: true }, () => {
  before(async () => {
    rmSync(PLACE, { recursive: true, force: true });
    mkdirSync(PLACE, { recursive: true });
    for (const [index, program] of PROGRAMS.entries()) {
      writeFileSync(join(PLACE, `${index}.mts`), program);
    }
    const settings = {
      extends: '../../tsconfig.test.json',
      compilerOptions: { rootDir: '.', outDir: 'js' },
      include: ['*.mts'],
    };
    writeFileSync(join(PLACE, 'tsconfig.json'), JSON.stringify(settings));
    await compile(PLACE);
  });

  it('have programs', () => {
    assert.ok(PROGRAMS.length >= 6);
  });

  for (const [index, program] of PROGRAMS.entries()) {
    const isTest = program.includes("from 'node:test'");
    it(`runs: ${program.trim().split('\n').at(-1)}`, async (test) => {
      const { emulator } = await emulated(test);
      const environment = {
        ACEDATACLOUD_API_BASE_URL: emulator.url,
        ACEDATACLOUD_API_TOKEN: 'any',
      };
      const cwd = await folder(test);
      const file = join(PLACE, 'js', `${index}.mjs`);
      const { stdout, stderr } = await node(isTest ? ['--test', file] : [file], cwd, environment);
      assert.equal(stderr, '');
      if (isTest) {
        assert.match(stdout, /pass 1\b/);
      }
    });
  }

  it('begins with five lines that need no environment and save a picture', async (test) => {
    const [first = ''] = PROGRAMS;
    assert.ok(first.trim().split('\n').length <= 5);
    const cwd = await folder(test);
    const unset = { ACEDATACLOUD_API_BASE_URL: undefined, ACEDATACLOUD_API_TOKEN: undefined };
    const { stdout } = await node([join(PLACE, 'js', '0.mjs')], cwd, unset);
    assert.equal(stdout, 'cat.png\n');
    assert.equal(readFileSync(join(cwd, 'cat.png')).toString('latin1', 1, 4), 'PNG');
  });
});
