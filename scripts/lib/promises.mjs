// Work that is done once, and work that goes on side by side.

/**
 * A function whose work is done by its first call; later calls, also those made meanwhile, get the
 * first one's result.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {() => Promise<T>}
 */
export function once(work) {
  /** @type {Promise<T> | undefined} */
  let result;
  return () => (result ??= work());
}

/**
 * Waits for work that goes on side by side. Where some of it fails, the first failure is thrown
 * once the rest has ended, so that no child process outlives its message.
 *
 * @param {Promise<unknown>[]} work
 */
export async function waitForAll(...work) {
  for (const result of await Promise.allSettled(work))
    if (result.status === 'rejected') throw result.reason;
}

/**
 * A promise and the function that resolves it.
 *
 * @returns {{ promise: Promise<void>, resolve: () => void }}
 */
export function makeSignal() {
  let resolve = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
