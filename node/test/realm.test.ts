/** The package in a realm that is not Node's own, as Jest loads it: its classes are the realm's, the native module is Node's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { it } from 'node:test';
import { createContext, runInContext } from 'node:vm';

import type * as Api from 'midjourney-imagine';

import { environment, PACKAGE } from './emulated.js';

/** Loads a file of the package as Jest does: what is compiled in a context of its own, everything else by Node. */
function loader(): (file: string) => unknown {
  const context = createContext({ process, Buffer, Blob, URL, AbortController, queueMicrotask });
  const modules = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) {
      return known.exports;
    }
    const module = { exports: {} };
    modules.set(file, module);
    const outside = createRequire(file);
    const inside = (name: string) => {
      const path = resolve(dirname(file), name);
      return name.startsWith('.') && path.endsWith('.js') ? load(path) : outside(name);
    };
    const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
    runInContext(source, context, { filename: file })(module.exports, inside, module, file, dirname(file));
    return module.exports;
  };
  return load;
}

it('errors are of their classes in every realm', async (test) => {
  environment(test, { ACEDATACLOUD_API_TOKEN: undefined });
  const api = loader()(join(PACKAGE, 'lib', 'index.js')) as typeof Api;
  assert.throws(
    () => new api.Client(),
    (error) => error instanceof api.ConfigError && !(error instanceof Error),
  );
  const client = new api.Client({ token: 't', baseUrl: 'http://127.0.0.1:1' });
  await assert.rejects(client.imagine(''), (error) => error instanceof api.InvalidRequestError);
});
