/** The area of a picture that `variationRegion` draws anew, from whatever holds it. Nothing is read before a call needs it. */
import { promises as files } from 'node:fs'; // not `node:fs/promises`, which `import` of this package would have to load

import { refusal } from './failure.js';

/**
 * What a mask can be made from: a path, a URL (`http:`, `https:`, `data:`, `file:`) as text or as an object, or the content of a
 * PNG, JPEG or WebP file. A string with `://` in it, or that begins with `data:`, is a URL, and any other a path.
 */
export type MaskSource = Mask | string | URL | Blob | Uint8Array | ArrayBuffer;

/** Names a mask's method that only this package calls. */
const WIRE: unique symbol = Symbol('wire');

/**
 * Gives what goes out for a mask: a URL, or content as plain base64.
 *
 * @internal
 */
export async function wire(source: MaskSource): Promise<string> {
  return (source instanceof Mask ? source : from(source))[WIRE]();
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
  readonly #wire: (() => Promise<string>) | string;

  private constructor(wire: (() => Promise<string>) | string) {
    this.#wire = wire;
  }

  /** Has the service fetch the mask itself from an http(s) URL. The content of a `data:` or `file:` URL is sent along. */
  static url(url: string | URL): Mask {
    const text = String(url);
    if (text.startsWith('file:')) {
      return Mask.file(url instanceof URL ? url : new URL(text));
    }
    const content = text.startsWith('data:') ? text.split(';base64,', 2)[1] : undefined;
    return new Mask(content ?? text);
  }

  /** Reads a PNG, JPEG or WebP file, anew for each call that uses the mask. */
  static file(path: string | URL): Mask {
    return new Mask(async () => {
      try {
        return base64(await files.readFile(path));
      } catch (error) {
        // Neither the file's name nor what repeats it: it may be a prompt or a secret that went astray.
        const { code = 'it is no path' } = error as NodeJS.ErrnoException;
        throw refusal('mask', `the file cannot be read: ${code}`);
      }
    });
  }

  /** Takes the content of a PNG, JPEG or WebP file. */
  static bytes(content: Blob | Uint8Array | ArrayBuffer): Mask {
    if (!(content instanceof Blob)) {
      // Now, since its owner may write over it.
      return new Mask(base64(content));
    }
    return new Mask(async () => {
      try {
        return base64(await content.arrayBuffer());
      } catch {
        throw refusal('mask', 'the blob cannot be read');
      }
    });
  }

  /** Shows that it is one: neither megabytes of base64 nor a signed URL. */
  toString(): string {
    return 'Mask()';
  }

  /** @internal */
  async [WIRE](): Promise<string> {
    return typeof this.#wire === 'string' ? this.#wire : this.#wire();
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

function base64(content: Uint8Array | ArrayBuffer): string {
  const bytes = ArrayBuffer.isView(content)
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content);
  return bytes.toString('base64');
}
