// The page's start: builds the views, looks into files as soon as a tuned checkpoint is there, and
// offers the hook.
import { inspect } from './app/actions.js';
import { keepAddress } from './app/address.js';
import { installHook } from './app/hook.js';
import { currentInput, store } from './app/state.js';
import { h } from './dom/elements.js';
import { restoreTheme } from './dom/theme.js';
import { keptView } from './views/parts/kept.js';
import { downloads, dropReports } from './views/parts/report-file.js';
import { backToReport } from './views/results/back.js';
import { resultsView } from './views/results/results.js';
import { foundView } from './views/start/found.js';
import { settingsView } from './views/start/settings.js';
import { startView } from './views/start/start.js';

// In somebody's frame stands one figure, and nothing that opens files.
if (new URLSearchParams(location.search).get('embed') === '1')
  location.replace(`embed.html${location.search}`);

function problemView() {
  const line = h('p', { class: 'problem', role: 'alert', id: 'problem' });
  store.watch(['problem'], ({ problem }) => {
    line.hidden = !problem;
    line.textContent = problem ?? '';
  });
  return line;
}

// Several files often arrive one after another; headers are read once they have settled.
const SETTLE_MS = 150;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
function inspectSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!currentInput())
      return store.set({
        needsBase: null,
        ...(store.state.phase === 'found' && { phase: 'start', inventory: null }),
      });
    if (['start', 'found', 'reading'].includes(store.state.phase)) inspect().catch(() => {});
  }, SETTLE_MS);
}

restoreTheme();
document.getElementById('app')?.replaceChildren(
  problemView(),
  backToReport(),
  startView(),
  foundView(),
  ...settingsView(),
  resultsView({
    onNew: () => store.set({ phase: store.state.inventory ? 'found' : 'start' }),
    notes: keptView('done'),
    exports: downloads(),
  }),
);
keepAddress();
store.watch(['base', 'tuned', 'fisher', 'settings'], inspectSoon);
dropReports();
installHook();
