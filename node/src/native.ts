/**
 * Finding and loading the native module, and what it looks like from here. Who calls it is `calls.ts`; what is called is in the
 * classes of the API. The module is loaded at the first use, not at `import`.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import type { ImageData } from './models.js';

/** What the native file exports: JSON text in, JSON text out. Its functions throw refusals as errors of code `MidjourneyError`. */
export interface Native {
  readonly VERSION: string;
  readonly Channel: new (hear: Hear, debug: boolean) => NativeChannel;
  readonly Client: new (settings: string) => NativeClient;
  readonly Emulator: new () => NativeEmulator;
  /** What an image's JSON says by itself: `Inspected` as JSON text. */
  inspect(image: string): string;
  /** The media type of a picture file's content, by its first bytes. */
  mediaType(content: Uint8Array): string;
}

/** An image's data as they are written everywhere, and when its signed URL ends, as ISO 8601 text. */
export interface Inspected {
  readonly image: ImageData;
  readonly expires_at: string | null;
}

/** Is given what happened to calls: `Happening[]` as JSON text, and the contents that its `bytes` name by their index. */
export type Hear = (events: string, contents: Uint8Array[]) => void;

/** One thing that happened to a call. */
export type Happening =
  | [number: number, what: 'progress', update: unknown]
  | [number: number, what: 'log', line: { level: string; message: string }]
  | [number: number, what: 'done', answer: unknown]
  | [number: number, what: 'bytes', index: number]
  | [number: number, what: 'failed', payload: unknown]
  | [number: number, what: 'lost', nothing: null];

/** The connection of one JavaScript context to the thread that runs all calls. */
export interface NativeChannel {
  /** Ends a call's exchange at once; nothing is heard of it again. A call that is over may be ended too. */
  end(number: number): void;
}

/** What a call needs to begin: the channel that it is heard on, its number there, and whether updates are wanted. */
export type Into = readonly [channel: NativeChannel, number: number, tellsProgress: boolean];

export interface NativeClient {
  readonly baseUrl: string;
  /** Takes a `Command` as JSON text. */
  call(...call: [...into: Into, command: string]): void;
  /** Takes a `StreamCommand` as JSON text. */
  stream(command: string): NativeStream;
}

export interface NativeStream {
  readonly taskId: string | null;
  /** Asks for the next update; null at the end. */
  pull(...into: Into): void;
  close(): void;
}

export interface NativeEmulator {
  /** Gives the base URL. */
  start(...call: [...into: Into, options: string]): void;
  /** Takes an `EmulatorCommand` as JSON text. */
  call(...call: [...into: Into, command: string]): void;
  /** Gives null when the port is free. */
  stop(...into: Into): void;
}

/** The package's version, which its native file has too. */
export const version: string = (require('../package.json') as { version: string }).version;

let loaded: Native | undefined;

/**
 * The native module.
 *
 * @throws Error: it is missing, or this system cannot load it; the message says what to do, `cause` what the system said.
 */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  const platform = platformName();
  const file = join(__dirname, '..', 'native', `midjourney-imagine.${platform}.node`);
  let module: Native;
  try {
    module = require(file) as Native;
  } catch (cause) {
    throw new Error(reason(file, platform, cause), { cause });
  }
  if (module.VERSION !== version) {
    throw new Error(
      `midjourney-imagine ${version} found a native file of version ${module.VERSION}: ${file}. ` +
        'Reinstall the package; in its source folder, `npm run build` makes the file anew.',
    );
  }
  return module;
}

/** Why the file could not be loaded, and what helps. */
function reason(file: string, platform: string, cause: unknown): string {
  const opening = `midjourney-imagine cannot load its native file for ${platform}`;
  if (!existsSync(file)) {
    return (
      `${opening}: there is no ${file}. The package was built or packed on another platform, or a bundler left the file ` +
      'behind: keep `midjourney-imagine` external and install it where it runs; in its source folder, `npm run build` ' +
      'makes the file.'
    );
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  if (/GLIBC_[\d.]+' not found/.test(said)) {
    return `${opening}: the C library of this system is older than the one that the file was built with. Build it here, with \`npm run build\` in the package's source folder.`;
  }
  return `${opening}: ${file} is there, and the system refuses it: ${said}`;
}

/** The platform as the native files are named after it. */
function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  switch (process.platform) {
    case 'linux':
      return `${name}-${isMusl() ? 'musl' : 'gnu'}`;
    case 'win32':
      return `${name}-msvc`;
    default:
      return name;
  }
}

/**
 * Whether this Node runs on musl: its executable names its loader within the first bytes. `process.report`, the usual source,
 * gathers a whole report for it, and resolves the host names of open connections meanwhile. Trying one file after the other is
 * no way either: a machine may have both C libraries, and only the loader's is the right one.
 */
function isMusl(): boolean {
  const start = Buffer.alloc(4096);
  try {
    const executable = openSync(process.execPath, 'r');
    try {
      readSync(executable, start, 0, start.length, 0);
    } finally {
      closeSync(executable);
    }
  } catch {
    // An executable that cannot be read is none of a usual install, and those for glibc are the usual ones.
  }
  return start.includes('/ld-musl-');
}
