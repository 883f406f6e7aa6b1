// A run under way: how far it is, what is finished, what computes, and the way to end it.
import { cancel } from '../../app/actions.js';
import { store } from '../../app/state.js';
import { progressGrid } from '../../charts/progress-grid.js';
import { breakable, h, replace } from '../../dom/elements.js';
import { describeBackend } from '../../report/backend.js';
import { NONE, bytes, duration, percent } from '../../report/format.js';
import { keptView } from '../parts/kept.js';

/** @import { Live, Progress } from '../../app/state.js' */
/** @import { FirstValue } from '../../app/live.js' */

/** @param {Progress} progress */
const describeProgress = ({ done, total, fraction, bytes_per_second: rate, seconds_left: left }) =>
  [
    `${Math.floor(fraction * 100)} %`,
    `${done} of ${total} tensors`,
    rate > 0 && `${bytes(rate)}/s`,
    left !== null && left >= 1 && `${duration(left)} left`,
  ]
    .filter(Boolean)
    .join(' · ');

/** @param {FirstValue} value */
const describeValue = ({ run, unchanged, update }) => {
  const name = store.state.inventory?.runs[run]?.checkpoint.name ?? `run ${run + 1}`;
  const size = update === null ? NONE : percent(update);
  return `${name}: relative update ${size}, unchanged in bf16 ${percent(unchanged)}`;
};

/** The first values, each of one tensor. @param {Live} live */
const firstValues = ({ latest }) =>
  latest.length > 0 && [
    h('h3', {}, 'Finished last'),
    h(
      'ul',
      { class: 'latest' },
      latest.map((value) =>
        h('li', {}, h('code', {}, breakable(value.name)), ` ${describeValue(value)}`),
      ),
    ),
    h('p', { class: 'hint' }, 'Values of single tensors; the report sums them up.'),
  ];

/** What is finished, by layer and module. */
function liveView() {
  const place = h('div', {});
  const values = h('div', { class: 'first-values' });
  /** @type {ReturnType<typeof progressGrid> | null} */
  let grid = null;
  /** @type {unknown} */
  let tasks = null;
  /** @type {unknown} */
  let latest = null;
  store.watch(['live'], ({ live }) => {
    if (!live) {
      [grid, tasks, latest] = [null, null, null];
      return (replace(place), replace(values));
    }
    if (live.tasks !== tasks) {
      grid = progressGrid(live.tasks);
      tasks = live.tasks;
      replace(place, grid.element);
    }
    grid?.update(live.finished, live.running);
    if (live.latest === latest) return undefined;
    latest = live.latest;
    return replace(values, firstValues(live));
  });
  return h('div', { class: 'live' }, place, values);
}

/** The page's title tells how far a run is, also in another tab's strip. */
function tellTitle() {
  const own = /^\d+ % · Gatescope$/;
  let before = document.title;
  store.watch(['phase', 'progress'], ({ phase, progress }) => {
    if (phase === 'running') {
      if (!own.test(document.title)) before = document.title;
      document.title = `${Math.floor((progress?.fraction ?? 0) * 100)} % · Gatescope`;
    } else if (own.test(document.title)) document.title = before;
  });
}

export function runningView() {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress of the run' });
  const line = h('p', { class: 'progress-line' });
  const backend = h('p', { class: 'quiet' });
  // Read out every few seconds, not on every step.
  const spoken = h('p', { class: 'sr', 'aria-live': 'polite' });
  let saidAt = 0;
  store.watch(['progress', 'assembling'], ({ progress, assembling }) => {
    if (!progress) return replace(line, 'Reading headers …');
    bar.value = progress.fraction;
    const { tensor, stage } = progress;
    const text = assembling
      ? `${progress.done} of ${progress.total} tensors finished · assembling the report …`
      : describeProgress(progress);
    replace(
      line,
      h('span', { class: 'tabular' }, text),
      !assembling &&
        tensor &&
        h('span', { class: 'quiet tensor' }, h('code', {}, tensor), stage && ` ${stage}`),
    );
    if (performance.now() - saidAt < 5000) return;
    saidAt = performance.now();
    spoken.textContent = text;
  });
  store.watch(['backend'], (state) => {
    backend.textContent = state.backend ? describeBackend(state.backend) : '';
  });
  tellTitle();
  const section = h(
    'section',
    { class: 'panel running', 'aria-labelledby': 'running-title' },
    h('h2', { id: 'running-title', tabIndex: -1 }, 'Running'),
    keptView('running'),
    bar,
    line,
    backend,
    spoken,
    h('button', { type: 'button', id: 'cancel', onclick: cancel }, 'Cancel'),
    liveView(),
  );
  store.watch(['phase'], ({ phase }) => {
    section.hidden = phase !== 'running';
  });
  return section;
}
