// The page without a network, once it was loaded. The build puts `FILES`, the addresses of all that
// it made, and `VERSION`, their digest, before this text and calls the whole sw.js. Only files of
// the build are kept here, nothing that a user opened or computed.
/* global FILES, VERSION */

/**
 * What the types of a page do not have.
 * @typedef {Event & { waitUntil(work: Promise<unknown>): void }} Lasting
 * @typedef {Lasting & { request: Request, respondWith(answer: Promise<Response>): void }} Asked
 */

const OWN = 'gatescope ';
const NAME = `${OWN}${VERSION}`;

/** Documents have no digest in their names: a browser's own cache may hold an older one. */
const fresh = FILES.map((file) =>
  file.endsWith('.html') ? new Request(file, { cache: 'no-cache' }) : file,
);

addEventListener('install', (event) => {
  const added = caches.open(NAME).then((cache) => cache.addAll(fresh));
  /** @type {Lasting} */ (event).waitUntil(added);
});

/** Other pages of this origin have caches, too. */
async function removeOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(OWN) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
}

addEventListener('activate', (event) =>
  /** @type {Lasting} */ (event).waitUntil(removeOldCaches()),
);

/**
 * The file of the build that is asked for, if it is one.
 * @param {Request} request
 */
async function findKept(request) {
  const cache = await caches.open(NAME);
  const found = await cache.match(request, { ignoreSearch: true });
  if (found || request.mode !== 'navigate') return found;
  return new URL(request.url).pathname.endsWith('/') ? cache.match('./index.html') : undefined;
}

/**
 * A document from the network where there is one: it names the files of its own build.
 * @param {Request} request
 */
async function answerDocument(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await findKept(request);
    if (kept) return kept;
    throw error;
  }
}

/** @param {Request} request */
const answerFile = async (request) => (await findKept(request)) ?? fetch(request);

addEventListener('fetch', (event) => {
  const { request, respondWith } = /** @type {Asked} */ (event);
  const { origin } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const answer = request.mode === 'navigate' ? answerDocument(request) : answerFile(request);
  respondWith.call(event, answer);
});

// A new version waits until the reader wants it, or has closed every tab of the old one.
addEventListener('message', ({ data }) => {
  const scope = /** @type {{ skipWaiting(): void }} */ (/** @type {unknown} */ (globalThis));
  if (data === 'take over') scope.skipWaiting();
});
