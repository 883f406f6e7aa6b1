// The page's start: builds the views, looks into files as soon as a tuned checkpoint is there, and
// offers the hook.
import { inspect, readShownText, saveShownReport, writeShownCsv } from './app/actions.js';
import { keepAddress } from './app/address.js';
import { installHook } from './app/hook.js';
import { refreshRecent } from './app/recents.js';
import { reopenShown } from './app/reopen.js';
import { currentInput, store } from './app/state.js';
import { h } from './dom/elements.js';
import { restoreTheme } from './dom/theme.js';
import { handOn } from './views/parts/hand-on.js';
import { runNotes } from './views/parts/run-notes.js';
import { backToReport } from './views/results/back.js';
import { resultsView } from './views/results/results.js';
import { dropAnywhere } from './views/start/drop.js';
import { foundView } from './views/start/found.js';
import { recentView } from './views/start/recent.js';
import { runningView } from './views/start/running.js';
import { settingsView } from './views/start/settings.js';
import { notesView, startView } from './views/start/start.js';

// In somebody's frame stands one figure, and nothing that opens files.
if (new URLSearchParams(location.search).get('embed') === '1')
  location.replace(`embed.html${location.search}`);

function problemView() {
  const line = h('p', { class: 'problem', role: 'alert', id: 'problem' });
  store.watch(['problem'], ({ problem }) => {
    line.hidden = !problem;
    line.textContent = problem ?? '';
    // With a report open what was refused would be told far above the view.
    if (problem) line.scrollIntoView({ block: 'nearest' });
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
        identical: [],
        ...(['found', 'reading'].includes(store.state.phase) && {
          phase: 'start',
          inventory: null,
        }),
      });
    if (['start', 'found', 'reading'].includes(store.state.phase)) inspect().catch(() => {});
  }, SETTLE_MS);
}

/** The heading that takes the focus where the view that had it is gone. */
const TITLES = { start: 'start-title', found: 'found-title', running: 'running-title' };

/** The keyboard's place is not lost when one view gives way to another. */
function keepFocus() {
  let before = store.state.phase;
  store.watch(['phase'], ({ phase }) => {
    const from = before;
    before = phase;
    // Files that come in change the phase, too, and take no view away.
    if (phase !== 'running' && !['running', 'loading', 'done'].includes(from)) return;
    queueMicrotask(() => {
      const now = document.activeElement;
      if (now && now !== document.body && now.checkVisibility()) return;
      const title = TITLES[/** @type {keyof typeof TITLES} */ (phase)];
      if (title) document.getElementById(title)?.focus({ preventScroll: phase === 'found' });
    });
  });
}

restoreTheme();
keepFocus();
document.getElementById('app')?.replaceChildren(
  problemView(),
  notesView(),
  backToReport(),
  startView(),
  foundView(),
  settingsView(),
  recentView(),
  runningView(),
  resultsView({
    onNew: () => store.set({ phase: store.state.inventory ? 'found' : 'start' }),
    notes: runNotes(),
    exports: handOn({ text: readShownText, file: saveShownReport, csv: writeShownCsv }),
  }),
);
keepAddress();
store.watch(['base', 'tuned', 'fisher', 'settings', 'phase'], inspectSoon);
dropAnywhere();
installHook();
refreshRecent();
reopenShown().catch(() => {});
