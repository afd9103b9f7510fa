/** The functions of the package: the methods of a client and of an image, on a client that the first call makes from the environment. */
import { Client, type ImageSource } from './client.js';
import { Image, type WaitOptions } from './image.js';
import type { MaskSource } from './mask.js';
import type { GenerationOptions, ProgressOption, RegionOptions, SignalOption } from './options.js';
import type { Task } from './task.js';
import type { Update } from './update.js';
import type { Updates } from './updates.js';

/** One client for each environment: a program may set its token after a first failure, or change to an emulator. */
const clients = new Map<string, Client>();

function client(): Client {
  const { ACEDATACLOUD_API_TOKEN, ACEDATACLOUD_API_BASE_URL } = process.env;
  const environment = JSON.stringify([ACEDATACLOUD_API_TOKEN, ACEDATACLOUD_API_BASE_URL]);
  let client = clients.get(environment);
  if (client === undefined) {
    client = new Client();
    clients.set(environment, client);
  }
  return client;
}

function from(source: ImageSource): Image {
  return source instanceof Image ? source : client().image(source);
}

/**
 * Draws a 2×2 grid from a prompt and waits for it, about a minute. As `Client.imagine`.
 *
 * ```ts
 * const grid = await imagine('A cat sitting on a table');
 * ```
 *
 * @throws ConfigError - The environment has no token.
 */
export async function imagine(
  prompt: string,
  options?: GenerationOptions & ProgressOption<Update>,
): Promise<Image> {
  return client().imagine(prompt, options);
}

/** Draws a 2×2 grid and gives every frame as it is drawn. As `Client.stream`. */
export function stream(prompt: string, options?: GenerationOptions): Updates {
  return client().stream(prompt, options);
}

/** Submits a 2×2 grid and gives its task as soon as the service has named it. As `Client.submit`. */
export async function submit(prompt: string, options?: GenerationOptions): Promise<Task> {
  return client().submit(prompt, options);
}

/** Looks a task up. As `Client.task`. */
export async function task(id: string | { readonly traceId: string }, options?: SignalOption): Promise<Task> {
  return client().task(id, options);
}

/** Looks tasks up, in the order asked. As `Client.tasks`. */
export async function tasks(taskIds: Iterable<string>, options?: SignalOption): Promise<(Task | null)[]> {
  return client().tasks(taskIds, options);
}

/** Gives a picture made earlier. As `Client.image`. */
export function image(image: ImageSource): Image {
  return client().image(image);
}

/** Does any action on an image by its name on the wire. As `Image.act`. */
export async function act(image: ImageSource, action: string, options?: WaitOptions): Promise<Image> {
  return from(image).act(action, options);
}

/** Makes one quadrant of a grid a picture of its own. As `Image.upscale`. */
export async function upscale(
  image: ImageSource,
  index: 1 | 2 | 3 | 4,
  options?: WaitOptions,
): Promise<Image> {
  return from(image).upscale(index, options);
}

/** Makes a new grid of variations of one quadrant of a grid. As `Image.variation`. */
export async function variation(
  image: ImageSource,
  index: 1 | 2 | 3 | 4,
  options?: WaitOptions,
): Promise<Image> {
  return from(image).variation(index, options);
}

/** Makes a new grid from the same prompt. As `Image.reroll`. */
export async function reroll(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).reroll(options);
}

/** Makes an upscaled picture twice its size. As `Image.upscale2x`. */
export async function upscale2x(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).upscale2x(options);
}

/** Makes an upscaled picture four times its size. As `Image.upscale4x`. */
export async function upscale4x(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).upscale4x(options);
}

/** Makes an upscaled picture larger and true to the original. As `Image.upscaleSubtle`. */
export async function upscaleSubtle(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).upscaleSubtle(options);
}

/** Makes an upscaled picture larger and with new detail. As `Image.upscaleCreative`. */
export async function upscaleCreative(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).upscaleCreative(options);
}

/** Makes a grid of small variations of an upscaled picture. As `Image.variationSubtle`. */
export async function variationSubtle(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).variationSubtle(options);
}

/** Makes a grid of large variations of an upscaled picture. As `Image.variationStrong`. */
export async function variationStrong(image: ImageSource, options?: WaitOptions): Promise<Image> {
  return from(image).variationStrong(options);
}

/** Draws the white area of a mask anew from a prompt. As `Image.variationRegion`. */
export async function variationRegion(
  image: ImageSource,
  mask: MaskSource,
  prompt: string,
  options?: RegionOptions & ProgressOption<Update>,
): Promise<Image> {
  return from(image).variationRegion(mask, prompt, options);
}

/** Shows an upscaled picture from further away. As `Image.zoomOut`. */
export async function zoomOut(image: ImageSource, factor: 2 | 1.5, options?: WaitOptions): Promise<Image> {
  return from(image).zoomOut(factor, options);
}

/** Continues an upscaled picture to one side. As `Image.pan`. */
export async function pan(
  image: ImageSource,
  direction: 'left' | 'right' | 'up' | 'down',
  options?: WaitOptions,
): Promise<Image> {
  return from(image).pan(direction, options);
}
