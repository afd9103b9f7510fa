/** An emulator for one test, with a client of it. Tests of the package import it by its name, as its users do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { Client, type ClientOptions, Emulator, type EmulatorOptions } from 'midjourney-imagine';

/** The folder of the package; this file runs in `build/test`. */
export const PACKAGE = join(__dirname, '..', '..');

export interface Emulated {
  readonly emulator: Emulator;
  readonly client: Client;
}

/** Starts an emulator that ends with the test. */
export async function emulated(
  test: TestContext,
  options: EmulatorOptions = {},
  settings: ClientOptions = {},
): Promise<Emulated> {
  const emulator = await Emulator.start(options);
  test.after(() => emulator.stop());
  const client = new Client({ baseUrl: emulator.url, token: 't', pollInterval: 0.05, ...settings });
  return { emulator, client };
}

/** Points the environment at an emulator for one test, for what takes its client from there. */
export async function inEnvironment(test: TestContext): Promise<Emulator> {
  const { emulator } = await emulated(test);
  environment(test, { ACEDATACLOUD_API_BASE_URL: emulator.url, ACEDATACLOUD_API_TOKEN: 'emulator' });
  return emulator;
}

/** Sets variables of the environment for one test. */
export function environment(
  test: TestContext,
  variables: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    set(name, value);
    test.after(() => set(name, before));
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) {
    delete process.env[name];
  } else {
    process.env[name] = value;
  }
}

/** A folder that goes with the test. */
export async function folder(test: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'midjourney-imagine-'));
  test.after(() => rm(path, { recursive: true }));
  return path;
}
