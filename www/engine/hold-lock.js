// A sign of a worker's life that the page can watch: a killed worker gives no event, but its lock
// is free again.

/**
 * Holds a lock for as long as this worker lives, so that the page notices its end.
 * @param {string} lock
 */
export function holdLock(lock) {
  navigator.locks.request(lock, () => {
    postMessage({ locked: lock });
    return new Promise(() => {});
  });
}
