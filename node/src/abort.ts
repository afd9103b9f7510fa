/**
 * Ending calls when a signal is aborted. Each signal has one listener, however many calls it can end, since Node warns of a leak
 * when a signal has more than ten; and only while a call waits.
 */

interface Ends {
  readonly all: Set<() => void>;
  readonly listener: () => void;
}

const ofSignal = new WeakMap<AbortSignal, Ends>();

/**
 * Has `end` called once when the signal is aborted, which it must not be yet.
 *
 * @returns Takes it back.
 */
export function whenAborted(signal: AbortSignal, end: () => void): () => void {
  const ends = ofSignal.get(signal) ?? listenTo(signal);
  ends.all.add(end);
  return () => {
    if (ends.all.delete(end) && ends.all.size === 0) {
      signal.removeEventListener('abort', ends.listener);
      ofSignal.delete(signal);
    }
  };
}

function listenTo(signal: AbortSignal): Ends {
  const all = new Set<() => void>();
  const listener = () => {
    // Each takes itself back while the others are still to come.
    for (const end of [...all]) {
      end();
    }
  };
  const ends = { all, listener };
  ofSignal.set(signal, ends);
  signal.addEventListener('abort', listener);
  return ends;
}

/** Waits for a promise, but no longer than until the signal is aborted; it then rejects with the signal's reason. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) {
    return promise;
  }
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = whenAborted(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}
