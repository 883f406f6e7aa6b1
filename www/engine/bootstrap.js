// Starts a worker that keeps to the policy of the page. A worker that is loaded from an address has
// the policy of its HTTP response, which a static host does not send; one that is made of a blob
// inherits the page's. It may also import its code from another origin, which `Worker` may not.

/**
 * Messages wait until the code is there. That it cannot be had is told by a message, since the
 * event of an error does not say why.
 * @param {string} url
 */
const bootstrap = (url) => `const early = [];
const wait = (event) => {
  event.stopImmediatePropagation();
  early.push(event.data);
};
addEventListener('message', wait);
import(${JSON.stringify(url)}).then(
  () => {
    removeEventListener('message', wait);
    for (const data of early) dispatchEvent(new MessageEvent('message', { data }));
  },
  (error) => postMessage({ unloaded: error?.message ?? String(error) }),
);
`;

/**
 * By the worker's address; kept, since a browser may read the blob late.
 * @type {Map<string, string>}
 */
const blobs = new Map();

/** @param {string} url relative to the page */
export function startWorker(url) {
  const whole = new URL(url, location.href).href;
  const blob =
    blobs.get(whole) ??
    URL.createObjectURL(new Blob([bootstrap(whole)], { type: 'text/javascript' }));
  blobs.set(whole, blob);
  return new Worker(blob, { type: 'module', name: 'gatescope' });
}
