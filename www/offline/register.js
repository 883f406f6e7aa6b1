// Keeps the built page for offline use, and says when a new version has come.

/** @param {ServiceWorker} waiting */
function offerReload(waiting) {
  const line = document.createElement('p');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Reload';
  button.addEventListener('click', () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    waiting.postMessage('take over');
  });
  line.className = 'new-version';
  line.setAttribute('role', 'status');
  line.append('A new version is ready. ', button);
  document.querySelector('main')?.before(line);
}

/** @param {ServiceWorkerRegistration} registration */
function watchVersions(registration) {
  const { controller } = navigator.serviceWorker;
  // A first version replaces none.
  if (!controller) return;
  if (registration.waiting) offerReload(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed') offerReload(installing);
    });
  });
}

/** In a frame the page belongs to another, whose storage is not ours to fill. */
const isOwnPage = window === window.top && !new URLSearchParams(location.search).has('embed');

if (import.meta.env.PROD && isOwnPage && 'serviceWorker' in navigator)
  addEventListener('load', () => {
    // Without it the page works as well, as long as there is a network.
    navigator.serviceWorker.register('./sw.js').then(watchVersions, () => {});
  });
