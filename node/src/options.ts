/**
 * The options that callers write, and the arguments of calls that they become. A misspelt option would cost money without doing
 * what it was written for, so names are checked here; values are checked by the core.
 */
import { unlessAborted } from './abort.js';
import { refusal } from './failure.js';
import { type MaskSource, wire } from './mask.js';
import { type ImageData, type ImagineOptions, OPTIONS } from './models.js';
import { present } from './record.js';

/** The option of everything that is waited for. */
export interface SignalOption {
  /**
   * Ends the exchange at once when it is aborted; the promise then rejects with the signal's reason. A task goes on at the
   * service, and can be picked up by its id.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The options of everything that has a deadline. */
export interface DeadlineOption extends SignalOption {
  /**
   * How long the whole call may take, in seconds. Default: the client's, else `timeout` and a minute. A task goes on at the
   * service, and its id is on the error.
   */
  readonly deadline?: number | undefined;
}

/** The option of everything that waits for a generation; `T` is an `Update`. */
export interface ProgressOption<T> {
  /**
   * Called with every update. Keep it short. What it throws, or rejects with, ends the call, which rejects with the same.
   */
  readonly onProgress?: ((update: T) => unknown) | undefined;
}

/** The options of `variationRegion`, whose mask and prompt are arguments. */
export interface RegionOptions extends ImagineOptions, DeadlineOption {
  /** Fields that the API has learned since this version, by their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** The options of a generation. */
export interface GenerationOptions extends RegionOptions {
  /**
   * The area to draw anew, for an action that takes one: a greyscale picture of the image's own size in pixels, as path, URL, Blob
   * or bytes.
   */
  readonly mask?: MaskSource | undefined;
}

/** The options of an action on an image. */
export interface ActionOptions extends GenerationOptions {
  /** What to draw, for an action that takes a prompt. */
  readonly prompt?: string | undefined;
}

/** Which of an image's files to fetch. */
export interface FileOptions extends SignalOption {
  /** The preview, half as wide and half as high, instead of the full picture. */
  readonly preview?: boolean | undefined;

  /** One quadrant of a grid that was made with `splitImages`, instead of the whole. */
  readonly subImage?: 1 | 2 | 3 | 4 | undefined;

  /** How long all tries together may take, in seconds. Default: 300. */
  readonly deadline?: number | undefined;
}

/** Where to save, and what. */
export interface SaveOptions extends FileOptions {
  /** Refuse to replace a file instead of replacing it (false). */
  readonly keepExisting?: boolean | undefined;
}

/** The names of the options that only this package reads. @internal */
export const SIGNAL: readonly string[] = ['signal'];
/** @internal */
export const DEADLINE: readonly string[] = ['deadline', 'signal'];
/** @internal */
export const WATCHED: readonly string[] = ['onProgress'];
/** @internal */
export const REGION: readonly string[] = [...Object.keys(OPTIONS), 'extra', ...DEADLINE];
/** @internal */
export const GENERATION: readonly string[] = [...REGION, 'mask'];
/** @internal */
export const ACTION: readonly string[] = [...GENERATION, 'prompt'];
/** @internal */
export const FILE: readonly string[] = ['preview', 'subImage', ...DEADLINE];
/** @internal */
export const SAVE: readonly string[] = [...FILE, 'keepExisting'];

/** Makes the error of a value that cannot be used. */
type Refuse = (name: string, problem: string) => Error;

/**
 * Refuses options that nobody reads, and those of this package that cannot be what they are.
 *
 * @internal
 */
export function checked<T extends object>(options: T, known: readonly string[], refuse: Refuse = refusal): T {
  if (!isPlain(options)) {
    throw refuse('options', 'they are a plain object');
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const near = nearest(name, known);
      throw refuse(name, `there is no such option${near ? `; did you mean \`${near}\`?` : ''}`);
    }
  }
  // Refused later, these would orphan a call that is under way, and paid for.
  const { signal, onProgress } = options as SignalOption & ProgressOption<unknown>;
  if (signal !== undefined && signal !== null && typeof signal?.addEventListener !== 'function') {
    throw refuse('signal', 'it is an AbortSignal, such as the `signal` of an AbortController');
  }
  if (onProgress && typeof onProgress !== 'function') {
    throw refuse('onProgress', 'it is a function');
  }
  return options;
}

/** Whether all that an object holds is its own: what it inherits would be dropped in one place and obeyed in another. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A copy of options that are read later, when the caller may have changed them. Anything but a plain object is given back, to be
 * refused then.
 *
 * @internal
 */
export function snapshot<T extends object>(options: T): T {
  return isPlain(options) ? { ...options } : options;
}

/**
 * Options without a prototype: a property that was added to the prototype of all objects is no option.
 *
 * @internal
 */
export function own<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

/**
 * Says what to draw, or what to do with an image; the core checks whether the image offers it.
 *
 * @internal
 */
export async function generation(
  options: ActionOptions,
  act?: { readonly image: ImageData; readonly method: string; readonly method_arguments: readonly unknown[] },
): Promise<string> {
  const given = own(options);
  const { prompt, mask, extra, deadline, signal } = given;
  const request: Record<string, unknown> = own({ prompt });
  for (const [name, wireName] of Object.entries(OPTIONS)) {
    request[wireName] = given[name as keyof ImagineOptions];
  }
  if (extra && !isPlain(extra)) {
    throw refusal('extra', 'it is a plain object');
  }
  if (mask !== undefined && mask !== null) {
    request.mask = await unlessAborted(signal, wire(mask));
  }
  return json({ ...act, request: present(request), extra: extra ?? undefined, deadline });
}

/**
 * Says which of an image's files to fetch.
 *
 * @internal
 */
export function file(image: ImageData, options: SaveOptions, path?: string): string {
  const { preview, subImage, keepExisting, deadline } = options;
  return json({
    image,
    path,
    preview: preview ?? undefined,
    sub_image: subImage,
    keep_existing: keepExisting ?? undefined,
    deadline,
  });
}

/**
 * Writes arguments as JSON. What JSON would leave out or turn into null without a word is refused: a deadline of `Infinity` is
 * no deadline of null.
 *
 * @internal
 */
export function json(value: object, refuse: Refuse = refusal): string {
  return JSON.stringify(value, (name, value: unknown) => {
    const isLost =
      typeof value === 'number'
        ? !Number.isFinite(value)
        : LOST.includes(typeof value) || value instanceof Map || value instanceof Set;
    if (isLost) {
      throw refuse(name, 'JSON has no such value');
    }
    return value;
  });
}

const LOST: readonly string[] = ['bigint', 'function', 'symbol'];

/** The known name that is meant, where one is near: in another case, as the wire spells it, or with a slip or two. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, '');
  const [near] = known
    .map((each) => ({ each, slips: distance(plain(name), plain(each)) }))
    .filter(({ each, slips }) => slips <= each.length / 4)
    .sort((one, other) => one.slips - other.slips);
  return near?.each;
}

/** How many letters have to be changed, added or left out. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
