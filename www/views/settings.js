// What can be set before a run, with defaults, and the run itself: start, progress, cancel.
import { h, replace } from '../dom.js';
import { DEFAULTS, store } from '../state.js';
import { bytes, duration } from '../format.js';
import { cancel, run } from '../actions.js';
import { parseAlphas, parseLayers } from '../settings-text.js';
import { keptView } from './kept.js';

const set = (patch) => store.set({ settings: { ...store.state.settings, ...patch } });

function field(id, label, hint, attributes, read, write) {
  const error = h('span', { class: 'error', id: `${id}-error` });
  const input = h('input', { id, 'aria-describedby': `${id}-hint ${id}-error`, ...attributes, onchange: () => {
    try {
      set(write(input.value));
      error.textContent = '';
      input.removeAttribute('aria-invalid');
    } catch (problem) {
      error.textContent = problem.message;
      input.setAttribute('aria-invalid', 'true');
    }
  } });
  store.watch(['settings'], ({ settings }) => { input.value = read(settings); });
  return h('div', { class: 'field' }, h('label', { for: id }, label), input, h('span', { class: 'hint', id: `${id}-hint` }, hint), error);
}

const positive = (wanted, test) => (text) => {
  const value = Number(text);
  if (text.trim() === '' || !test(value)) throw new Error(`Expected ${wanted}.`);
  return value;
};

/** Of a map's side; a report has to stay a file that opens. */
const MOST_CELLS = 256;

const fields = () => [
  field('set-k', 'k', `rank of the principal subspaces; default ${DEFAULTS.k}`, { type: 'number', min: '1', step: '1' },
    ({ k }) => k, (text) => ({ k: positive('a whole number from 1', (v) => Number.isInteger(v) && v >= 1)(text) })),
  field('set-alpha', 'α', `mask fractions, by commas; default ${DEFAULTS.alphas}`, { type: 'text', inputmode: 'decimal' },
    ({ alphas }) => alphas.join(', '), (text) => ({ alphas: parseAlphas(text) })),
  field('set-eta', 'η', 'relative tolerance of the bf16 gate; default 0.001', { type: 'text', inputmode: 'decimal' },
    ({ eta }) => eta, (text) => ({ eta: positive('a number from 0', (v) => v >= 0 && Number.isFinite(v))(text) })),
  field('set-layers', 'Layers', 'such as 0-3,7; empty for all', { type: 'text', placeholder: 'all' },
    ({ layers }) => layers ?? '', (text) => ({ layers: parseLayers(text) })),
  field('set-map', 'Map', `cells a side, 0 for none; default ${DEFAULTS.map_side}`, { type: 'number', min: '0', max: String(MOST_CELLS), step: '1' },
    ({ map_side: side }) => side, (text) => ({ map_side: positive(`a whole number from 0 to ${MOST_CELLS}`, (v) => Number.isInteger(v) && v >= 0 && v <= MOST_CELLS)(text) })),
];

function backendField() {
  const names = { auto: 'chosen by itself', cpu: 'CPU (WebAssembly)', gpu: 'GPU (WebGPU)' };
  const select = h('select', { id: 'set-backend', onchange: () => set({ backend: select.value }) },
    Object.entries(names).map(([value, text]) => h('option', { value }, text)));
  store.watch(['settings'], ({ settings }) => { select.value = settings.backend; });
  return h('div', { class: 'field' }, h('label', { for: 'set-backend' }, 'Computed by'), select,
    h('span', { class: 'hint' }, 'default: the faster one here'));
}

export const backendText = ({ kind, adapter, reason, workers }) =>
  `${kind === 'gpu' ? `GPU${adapter ? ` (${adapter})` : ''}` : `CPU, ${workers} worker${workers === 1 ? '' : 's'}`}${reason ? `: ${reason}` : ''}`;

function progressView() {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress of the run' });
  const line = h('p', { class: 'progress-line' });
  const backend = h('p', { class: 'quiet' });
  // Read out every few seconds, not on every step.
  const spoken = h('p', { class: 'sr', 'aria-live': 'polite' });
  let saidAt = 0;
  store.watch(['progress'], ({ progress }) => {
    if (!progress) return replace(line, 'Reading headers …');
    const { done, total, fraction, tensor, stage, bytes_per_second: rate, seconds_left: left } = progress;
    bar.value = fraction;
    const parts = [`${Math.floor(fraction * 100)} %`, `${done} of ${total} tensors`, rate > 0 && `${bytes(rate)}/s`,
      left !== null && `${duration(left)} left`].filter(Boolean).join(' · ');
    replace(line, h('span', { class: 'tabular' }, parts), tensor && h('span', { class: 'quiet tensor' }, h('code', {}, tensor), stage && ` ${stage}`));
    if (performance.now() - saidAt < 5000) return;
    saidAt = performance.now();
    spoken.textContent = parts;
  });
  store.watch(['backend'], (state) => { backend.textContent = state.backend ? backendText(state.backend) : ''; });
  return h('div', { class: 'running' }, keptView('running'), bar, line, backend, spoken,
    h('button', { type: 'button', id: 'cancel', onclick: cancel }, 'Cancel'));
}

export function settingsView() {
  const fieldset = h('fieldset', { class: 'fields' }, h('legend', { class: 'sr' }, 'Settings'), fields(), backendField());
  const start = h('button', { type: 'button', class: 'primary', id: 'run', onclick: () => run().catch(() => {}) }, 'Run');
  const section = h('section', { class: 'panel', 'aria-labelledby': 'settings-title' }, h('h2', { id: 'settings-title' }, 'Settings'), fieldset,
    h('div', { class: 'actions' }, start, h('button', { type: 'button', class: 'ghost', onclick: () => store.set({ settings: { ...DEFAULTS } }) }, 'Defaults')));
  const running = h('section', { class: 'panel', 'aria-label': 'Run' }, progressView());
  store.watch(['phase'], ({ phase }) => {
    section.hidden = phase !== 'found';
    running.hidden = phase !== 'running';
  });
  return [section, running];
}
