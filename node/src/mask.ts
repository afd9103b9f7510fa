/** The area of a picture that `variationRegion` draws anew: what was given for it. The core reads it, when a call needs it. */
import { fileURLToPath } from 'node:url';

import type { GivenMask } from './commands.js';
import { refusal } from './failure.js';

/**
 * What a mask can be made from: a path, a URL (`http:`, `https:`, `data:`, `file:`) as text or as an object, or the content of a
 * PNG, JPEG or WebP file. A string with `://` in it, or that begins with `data:`, is a URL, and any other a path.
 */
export type MaskSource = Mask | string | URL | Blob | Uint8Array | ArrayBuffer;

/** Names a mask's method that only this package calls. */
const GIVEN: unique symbol = Symbol('given');

/**
 * Gives what crosses the border for a mask.
 *
 * @internal
 */
export async function given(source: MaskSource): Promise<GivenMask> {
  return (source instanceof Mask ? source : from(source))[GIVEN]();
}

/**
 * A greyscale picture of the same size as the source, white where it shall be drawn anew.
 *
 * Wherever a mask is asked for, its source is enough; this class says which of its meanings a string has.
 *
 * ```ts
 * await image.variationRegion('mask.png', 'a red hat');
 * ```
 */
export class Mask {
  readonly #source: GivenMask | Blob;

  private constructor(source: GivenMask | Blob) {
    this.#source = source;
  }

  /** Has the service fetch the mask itself from an http(s) URL. The content of a `data:` or `file:` URL is sent along. */
  static url(url: string | URL): Mask {
    const text = String(url);
    return text.startsWith('file:') ? Mask.file(new URL(text)) : new Mask({ url: text });
  }

  /** Reads a PNG, JPEG or WebP file, anew for each call that uses the mask. */
  static file(path: string | URL): Mask {
    try {
      return new Mask({ path: path instanceof URL ? fileURLToPath(path) : path });
    } catch (error) {
      // Neither the file's name nor what repeats it: it may be a prompt or a secret that went astray.
      throw refusal('mask', `the file cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    }
  }

  /** Takes the content of a PNG, JPEG or WebP file. */
  static bytes(content: Blob | Uint8Array | ArrayBuffer): Mask {
    // Bytes are copied now, since their owner may write over them.
    return new Mask(content instanceof Blob ? content : base64(content));
  }

  /** Shows that it is one: neither megabytes of base64 nor a signed URL. */
  toString(): string {
    return 'Mask()';
  }

  /** @internal */
  async [GIVEN](): Promise<GivenMask> {
    if (!(this.#source instanceof Blob)) {
      return this.#source;
    }
    try {
      return base64(await this.#source.arrayBuffer());
    } catch {
      throw refusal('mask', 'the blob cannot be read');
    }
  }
}

function from(source: Exclude<MaskSource, Mask>): Mask {
  if (typeof source === 'string') {
    return source.includes('://') || source.startsWith('data:') ? Mask.url(source) : Mask.file(source);
  }
  if (source instanceof URL) {
    return Mask.url(source);
  }
  if (source instanceof Blob || source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return Mask.bytes(source);
  }
  throw refusal('mask', 'it is a path, a URL, a Blob, a Uint8Array, an ArrayBuffer or a Mask');
}

function base64(content: Uint8Array | ArrayBuffer): GivenMask {
  const bytes = ArrayBuffer.isView(content)
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content);
  return { base64: bytes.toString('base64') };
}
