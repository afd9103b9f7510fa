/**
 * A picture that the API made, and what can be done with it. Images, tasks, updates and streams give each other, so their four
 * files import each other; none needs another while it is loaded.
 */
import { fileURLToPath } from 'node:url';

import { whenAborted } from './abort.js';
import { ask, invoke } from './calls.js';
import type { Action, Command, Generation } from './commands.js';
import { refusal } from './failure.js';
import type { MaskSource } from './mask.js';
import { IMAGE_FIELDS, type ImageData, type TaskData, type UpdateData } from './models.js';
import type { Inspected, NativeClient } from './native.js';
import {
  ACTION,
  type ActionOptions,
  checked,
  FILE,
  type FileOptions,
  file,
  generation,
  type ProgressOption,
  REGION,
  type RegionOptions,
  SAVE,
  type SaveOptions,
  snapshot,
  WATCHED,
} from './options.js';
import { frozen, INSPECT, MAKE } from './record.js';
import { Task } from './task.js';
import { Update } from './update.js';
import { Updates } from './updates.js';

/** The options of a call that waits for a picture. @internal */
export interface Watched extends ProgressOption<Update> {
  readonly signal?: AbortSignal | undefined;
}

/** The options of an action that is waited for. */
export type WaitOptions = ActionOptions & ProgressOption<Update>;

export interface Image extends Readonly<ImageData> {}

/**
 * A picture that the API made, with the client to go on with it. The 2×2 grid is one picture.
 *
 * An action that the image is known not to offer is refused before anything is sent, with what it does offer
 * (`ActionNotAvailableError`). All actions take the options of `Client.imagine`, and reject with what it rejects with.
 *
 * The data have the names of the wire and cannot be changed. `JSON.stringify(image)` gives the wire's form, and `client.image`
 * brings it back.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the fields are generated, and the constructor copies them
export class Image {
  readonly #client: NativeClient;
  readonly #data: ImageData;

  private constructor(client: NativeClient, data: ImageData) {
    this.#client = client;
    this.#data = frozen(data);
    for (const field of IMAGE_FIELDS) {
      if (data[field] !== undefined) {
        // Fields that this version does not know are not copied: they may have the name of a method.
        Object.assign(this, { [field]: data[field] });
      }
    }
    Object.freeze(this);
  }

  /** Takes the data over: they are frozen. @internal */
  static [MAKE](client: NativeClient, data: ImageData): Image {
    return new Image(client, data);
  }

  /** Fields that this version does not know, kept as they came. */
  get extra(): Readonly<Record<string, unknown>> {
    const known: readonly string[] = IMAGE_FIELDS;
    return Object.fromEntries(Object.entries(this.#data).filter(([name]) => !known.includes(name)));
  }

  /** When the picture's signed URL expires, as the URL itself says. A hint: hosts have served pictures for longer. */
  get expires_at(): Date | undefined {
    const text = invoke((native) => native.inspect(JSON.stringify(this.#data)));
    const { expires_at }: Inspected = JSON.parse(text);
    return expires_at === null ? undefined : new Date(expires_at);
  }

  /** The size in pixels, as the service reported it: the full picture's; of an image that is still a preview, the preview's. */
  get size(): { readonly width: number; readonly height: number } | undefined {
    const { raw_image_width, raw_image_height, image_width, image_height } = this.#data;
    if (raw_image_width !== undefined && raw_image_height !== undefined) {
      return { width: raw_image_width, height: raw_image_height };
    }
    if (image_width !== undefined && image_height !== undefined) {
      return { width: image_width, height: image_height };
    }
    return undefined;
  }

  /** Does any action by its name on the wire, such as `variation1`; new names pass through. */
  async act(action: string, options: WaitOptions = {}): Promise<Image> {
    return this.#act({ act: action }, options);
  }

  /** Makes one quadrant of a grid a picture of its own: 1 top left, 2 top right, 3 bottom left, 4 bottom right. */
  async upscale(index: 1 | 2 | 3 | 4, options: WaitOptions = {}): Promise<Image> {
    return this.#act({ upscale: index }, options);
  }

  /** Makes a new grid of variations of one quadrant of a grid. */
  async variation(index: 1 | 2 | 3 | 4, options: WaitOptions = {}): Promise<Image> {
    return this.#act({ variation: index }, options);
  }

  /** Makes a new grid from the same prompt. */
  async reroll(options: WaitOptions = {}): Promise<Image> {
    return this.#act('reroll', options);
  }

  /** Makes an upscaled picture twice its size. */
  async upscale2x(options: WaitOptions = {}): Promise<Image> {
    return this.#act('upscale_2x', options);
  }

  /** Makes an upscaled picture four times its size. */
  async upscale4x(options: WaitOptions = {}): Promise<Image> {
    return this.#act('upscale_4x', options);
  }

  /** Makes an upscaled picture larger and true to the original. */
  async upscaleSubtle(options: WaitOptions = {}): Promise<Image> {
    return this.#act('upscale_subtle', options);
  }

  /** Makes an upscaled picture larger and with new detail. */
  async upscaleCreative(options: WaitOptions = {}): Promise<Image> {
    return this.#act('upscale_creative', options);
  }

  /** Makes a grid of small variations of an upscaled picture. */
  async variationSubtle(options: WaitOptions = {}): Promise<Image> {
    return this.#act('variation_subtle', options);
  }

  /** Makes a grid of large variations of an upscaled picture. */
  async variationStrong(options: WaitOptions = {}): Promise<Image> {
    return this.#act('variation_strong', options);
  }

  /**
   * Draws the white area of a mask anew from a prompt, and gives a new grid of four. The service never lists this action and
   * always accepts it.
   *
   * @param mask - A greyscale picture of the image's own size in pixels (`image.size`), white where it is to change: a path, a
   * URL, a Blob or bytes.
   * @param prompt - What to draw there.
   */
  async variationRegion(
    mask: MaskSource,
    prompt: string,
    options: RegionOptions & ProgressOption<Update> = {},
  ): Promise<Image> {
    checked(options, [...REGION, ...WATCHED]);
    if (typeof prompt !== 'string') {
      throw refusal('prompt', 'say what to draw there');
    }
    return this.#act('variation_region', { ...options, mask, prompt });
  }

  /** Shows an upscaled picture from further away, by the factor 2 or 1.5, with new surroundings. */
  async zoomOut(factor: 2 | 1.5, options: WaitOptions = {}): Promise<Image> {
    return this.#act({ zoom_out: factor }, options);
  }

  /** Continues an upscaled picture to one side. */
  async pan(direction: 'left' | 'right' | 'up' | 'down', options: WaitOptions = {}): Promise<Image> {
    return this.#act({ pan: direction }, options);
  }

  /** Does any action by its name on the wire, and gives every frame as it is drawn; see `Client.stream`. */
  stream(action: string, options: ActionOptions = {}): Updates {
    const asked = snapshot(options);
    return Updates[MAKE](this.#client, options?.signal, async () => ({
      generation: await this.#asked({ act: action }, asked),
    }));
  }

  /** Submits any action by its name on the wire; see `Client.submit`. */
  async submit(action: string, options: ActionOptions = {}): Promise<Task> {
    const asked = await this.#asked({ act: action }, options);
    return submitted(this.#client, asked, options);
  }

  /**
   * Fetches the picture.
   *
   * @throws PictureError - It could not be fetched, or the image was made from an id alone and has no URL.
   */
  async bytes(options: FileOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const asked = file(this.#data, checked(options, FILE));
    const content = await ask(this.#client, { bytes: asked }, options);
    return content as Uint8Array<ArrayBuffer>;
  }

  /**
   * Fetches the picture, with its media type.
   *
   * @throws PictureError - As `bytes`.
   */
  async blob(options: FileOptions = {}): Promise<Blob> {
    const content = await this.bytes(options);
    return new Blob([content], { type: invoke((native) => native.mediaType(content)) });
  }

  /**
   * Gives the picture's bytes as a web stream, for a response or a file. It is fetched when the stream is first read; cancelling
   * the stream ends the transfer. The stream's error is a `PictureError`, as of `bytes`.
   */
  readable(options: FileOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const cancelled = new AbortController();
    const { signal } = options;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          checked(options, FILE).signal?.throwIfAborted();
          const settle = signal && whenAborted(signal, () => cancelled.abort(signal.reason));
          try {
            controller.enqueue(await this.bytes({ ...options, signal: cancelled.signal }));
            controller.close();
          } finally {
            settle?.();
          }
        },
        cancel: (reason) => cancelled.abort(reason),
      },
      { highWaterMark: 0 },
    );
  }

  /**
   * Saves the picture to a file, or into a folder as `<image_id>.<extension>`. The file is written beside its target and renamed,
   * so that it is whole or not there. An extension is added where the path has none.
   *
   * @returns The path that was written.
   * @throws PictureError - It could not be fetched or written.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<string> {
    const target = path instanceof URL ? fileURLToPath(path) : path;
    const asked = file(this.#data, checked(options, SAVE));
    const save = { ...asked, path: target, keep_existing: options.keepExisting ?? undefined };
    return (await ask(this.#client, { save }, options)) as string;
  }

  /** Gives the data in the wire's form. */
  toJSON(): ImageData {
    return this.#data;
  }

  /** Shows what the picture is and offers. Its URLs are signed, and stay out. */
  toString(): string {
    const { image_id, progress, actions, size } = this;
    const facts = [
      image_id,
      progress !== undefined && progress < 100 ? `${progress} %` : undefined,
      size && `${size.width}×${size.height}`,
      actions && `actions: ${actions.join(' ') || 'none'}`,
    ];
    return `Image(${facts.filter((fact) => fact !== undefined).join(', ')})`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  async #act(action: Action, options: WaitOptions): Promise<Image> {
    const asked = await this.#asked(action, options, WATCHED);
    return finished(this.#client, { imagine: asked }, options);
  }

  async #asked(action: Action, options: ActionOptions, more: readonly string[] = []): Promise<Generation> {
    checked(options, [...ACTION, ...more]);
    if (options.signal?.aborted) {
      throw options.signal.reason;
    }
    return generation(options, { image: this.#data, action });
  }
}

/**
 * Makes a call that ends in a picture.
 *
 * @internal
 */
export async function finished(
  client: NativeClient,
  command: Command,
  { signal, onProgress }: Watched,
): Promise<Image> {
  const data = await ask(client, command, {
    signal,
    onProgress: onProgress ? (update) => onProgress(Update[MAKE](client, update as UpdateData)) : undefined,
  });
  return Image[MAKE](client, data as ImageData);
}

/**
 * Makes a call that ends when the service has named the task.
 *
 * @internal
 */
export async function submitted(client: NativeClient, asked: Generation, { signal }: Watched): Promise<Task> {
  const data = await ask(client, { submit: asked }, { signal });
  return Task[MAKE](client, data as TaskData);
}
