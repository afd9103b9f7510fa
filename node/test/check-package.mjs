// `npm run check:package`: publint and attw on the tarball. They would pack it themselves, and with that build the native module
// for a release; the one for development will do for them.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'midjourney-imagine-tarball-'));
try {
  // A shell, because on Windows these are scripts.
  const run = (command, stdout = 'inherit') =>
    execFileSync(command, { cwd, shell: true, stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8' });
  const packed = run(`npm pack --json --ignore-scripts --pack-destination "${folder}"`, 'pipe');
  const [{ filename }] = JSON.parse(packed);
  const tarball = join(folder, filename);
  run(`npx --no-install publint run "${tarball}" --strict`);
  run(`npx --no-install attw "${tarball}"`);
} finally {
  rmSync(folder, { recursive: true });
}
