// `npm test`: runs the compiled tests with `node --test`. Node 20 knows no patterns for them and Node 22 no folders, so the
// files are named here. `npm test -- vectors faults` runs those whose path has one of the words.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const package_ = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(`${package_}/build`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && !file.includes('vitest'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .map((file) => `build/${file}`)
  .sort();

const { status } = spawnSync(process.execPath, ['--test', '--test-timeout=300000', ...files], {
  cwd: package_,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
