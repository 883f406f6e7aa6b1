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
