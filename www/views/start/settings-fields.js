// The settings of a run as fields, each with its default and what is wrong with what was typed.
import { h } from '../../dom/elements.js';
import { DEFAULTS, store } from '../../app/state.js';
import { parseAlphas, parseLayers } from '../../app/settings-text.js';

const set = (patch) => store.set({ settings: { ...store.state.settings, ...patch } });

function field(id, label, hint, attributes, read, write) {
  const error = h('span', { class: 'error', id: `${id}-error` });
  const input = h('input', {
    id,
    'aria-describedby': `${id}-hint ${id}-error`,
    ...attributes,
    onchange: () => {
      try {
        set(write(input.value));
        error.textContent = '';
        input.removeAttribute('aria-invalid');
      } catch (problem) {
        error.textContent = problem.message;
        input.setAttribute('aria-invalid', 'true');
      }
    },
  });
  store.watch(['settings'], ({ settings }) => {
    input.value = read(settings);
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    input,
    h('span', { class: 'hint', id: `${id}-hint` }, hint),
    error,
  );
}

const positive = (wanted, test) => (text) => {
  const value = Number(text);
  if (text.trim() === '' || !test(value)) throw new Error(`Expected ${wanted}.`);
  return value;
};

/** Of a map's side; a report has to stay a file that opens. */
const MOST_CELLS = 256;

function choice(id, label, hint, names, read, write) {
  const select = h(
    'select',
    { id, 'aria-describedby': `${id}-hint`, onchange: () => set(write(select.value)) },
    Object.entries(names).map(([value, text]) => h('option', { value }, text)),
  );
  store.watch(['settings'], ({ settings }) => {
    select.value = read(settings);
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    select,
    h('span', { class: 'hint', id: `${id}-hint` }, hint),
  );
}

const spanField = () =>
  choice(
    'set-span',
    'Checkpoints are',
    'decides what a figure is read against; for steps, give the saves in order',
    {
      '': 'not said',
      whole_run: 'whole runs',
      per_step: 'one step of a run',
      steps: 'steps of one run',
    },
    ({ span }) => span ?? '',
    (span) => ({ span: span || null }),
  );

export const fields = () => [
  field(
    'set-k',
    'k',
    `rank of the principal subspaces; default ${DEFAULTS.k}`,
    { type: 'number', min: '1', step: '1' },
    ({ k }) => k,
    (text) => ({
      k: positive('a whole number from 1', (v) => Number.isInteger(v) && v >= 1)(text),
    }),
  ),
  field(
    'set-alpha',
    'α',
    `mask fractions, by commas; default ${DEFAULTS.alphas}`,
    { type: 'text', inputmode: 'decimal' },
    ({ alphas }) => alphas.join(', '),
    (text) => ({ alphas: parseAlphas(text) }),
  ),
  field(
    'set-eta',
    'η',
    'relative tolerance of the bf16 gate; default 0.001',
    { type: 'text', inputmode: 'decimal' },
    ({ eta }) => eta,
    (text) => ({ eta: positive('a number from 0', (v) => v >= 0 && Number.isFinite(v))(text) }),
  ),
  field(
    'set-layers',
    'Layers',
    'such as 0-3,7; empty for all',
    { type: 'text', placeholder: 'all' },
    ({ layers }) => layers ?? '',
    (text) => ({ layers: parseLayers(text) }),
  ),
  spanField(),
];

const backendField = () =>
  choice(
    'set-backend',
    'Computed by',
    'default: the faster one here',
    { auto: 'chosen by itself', cpu: 'CPU (WebAssembly)', gpu: 'GPU (WebGPU)' },
    ({ backend }) => backend,
    (backend) => ({ backend }),
  );

function basisField() {
  const box = h('input', {
    type: 'checkbox',
    id: 'set-basis',
    'aria-describedby': 'set-basis-hint',
    onchange: () => set({ function_preserving: box.checked }),
  });
  store.watch(['settings'], ({ settings }) => {
    box.checked = settings.function_preserving;
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { class: 'check' }, box, 'Look for changes of basis'),
    h(
      'span',
      { class: 'hint', id: 'set-basis-hint' },
      'of value and output projections, which leave the function as it was; default on',
    ),
  );
}

/** What most comparisons can do without. */
export const advanced = () => [
  field(
    'set-map',
    'Map',
    `cells a side, 0 for none; default ${DEFAULTS.map_side}`,
    { type: 'number', min: '0', max: String(MOST_CELLS), step: '1' },
    ({ map_side: side }) => side,
    (text) => ({
      map_side: positive(
        `a whole number from 0 to ${MOST_CELLS}`,
        (v) => Number.isInteger(v) && v >= 0 && v <= MOST_CELLS,
      )(text),
    }),
  ),
  backendField(),
  basisField(),
];
