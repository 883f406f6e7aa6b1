// The settings of a run as fields, each with its default and what is wrong with what was typed.
import {
  parseAlphas,
  parseLayers,
  parseNumber,
  parseRenamings,
  showRenamings,
} from '../../app/settings-text.js';
import { chooseSettings, setInvalid, store } from '../../app/state.js';
import { h } from '../../dom/elements.js';
import { DEFAULTS, LIMITS } from '../../report/settings.js';
import { messageOf } from '../../report/message.js';

/** @import { BackendChoice, Comparison, Settings } from '../../report/model.js' */

/**
 * @typedef {object} Field
 * @property {string} id
 * @property {string} label
 * @property {string} hint
 * @property {Record<string, string>} attributes
 * @property {(settings: Settings) => string | number} read
 * @property {(text: string) => Partial<Settings>} parse Throws what is wrong.
 */

/** @type {Field[]} */
const MAIN = [
  {
    id: 'set-k',
    label: 'k',
    hint: `rank of the principal subspaces; default ${DEFAULTS.k}`,
    attributes: { type: 'number', min: String(LIMITS.k.minimum), step: '1' },
    read: ({ k }) => k,
    parse: (text) => ({ k: parseNumber(text, LIMITS.k) }),
  },
  {
    id: 'set-alpha',
    label: 'α',
    hint: `mask fractions, by commas; default ${DEFAULTS.alphas.join(', ')}`,
    attributes: { type: 'text', inputmode: 'decimal' },
    read: ({ alphas }) => alphas.join(', '),
    parse: (text) => ({ alphas: parseAlphas(text) }),
  },
  {
    id: 'set-eta',
    label: 'η',
    hint: `relative tolerance of the bf16 gate; default ${DEFAULTS.eta}`,
    attributes: { type: 'text', inputmode: 'decimal' },
    read: ({ eta }) => eta,
    parse: (text) => ({ eta: parseNumber(text, LIMITS.eta) }),
  },
  {
    id: 'set-layers',
    label: 'Layers',
    hint: 'such as 0-3,7; empty for all',
    attributes: { type: 'text', placeholder: 'all' },
    read: ({ layers }) => layers ?? '',
    parse: (text) => ({ layers: parseLayers(text) }),
  },
];

/** @type {Field} */
const MAP = {
  id: 'set-map',
  label: 'Map',
  hint: `cells a side, 0 for none; default ${DEFAULTS.map_side}`,
  attributes: {
    type: 'number',
    min: String(LIMITS.map_side.minimum),
    max: String(LIMITS.map_side.maximum),
    step: '1',
  },
  read: ({ map_side: side }) => side,
  parse: (text) => ({ map_side: parseNumber(text, LIMITS.map_side) }),
};

/** @type {Field} */
const RENAME = {
  id: 'set-rename',
  label: 'Rename prefixes',
  hint: 'of the tuned checkpoints, as in model.language_model.=model.; default none',
  attributes: { type: 'text', placeholder: 'none', spellcheck: 'false' },
  read: ({ rename }) => showRenamings(rename),
  parse: (text) => ({ rename: parseRenamings(text) }),
};

/** A field that holds what was typed until it is a setting. @param {Field} field */
function textField({ id, label, hint, attributes, read, parse }) {
  const error = h('span', { class: 'error', id: `${id}-error` });
  const input = h('input', {
    id,
    'aria-describedby': `${id}-hint ${id}-error`,
    ...attributes,
    onchange: () => {
      try {
        const patch = parse(input.value);
        setInvalid(id, null);
        chooseSettings(patch);
      } catch (problem) {
        setInvalid(id, messageOf(problem));
      }
    },
  });
  store.watch(['settings', 'invalid'], ({ settings, invalid }) => {
    const problem = invalid[id];
    // What is wrong stays to be mended; another field's change does not take it away.
    if (problem === undefined) input.value = String(read(settings));
    error.textContent = problem ?? '';
    if (problem === undefined) input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
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

/**
 * A field that offers a few words.
 * @template {string} Word
 * @param {object} field
 * @param {string} field.id
 * @param {string} field.label
 * @param {string} field.hint
 * @param {Record<Word, string>} field.names By word.
 * @param {(settings: Settings) => Word} field.read
 * @param {(word: Word) => Partial<Settings>} field.write
 */
function choice({ id, label, hint, names, read, write }) {
  const select = h(
    'select',
    {
      id,
      'aria-describedby': `${id}-hint`,
      onchange: () => chooseSettings(write(/** @type {Word} */ (select.value))),
    },
    Object.entries(names).map(([value, text]) => h('option', { value }, String(text))),
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

/** Names of comparisons, and of none. @type {Record<Comparison | '', string>} */
const COMPARISONS = {
  '': 'Unspecified',
  whole_run: 'Final checkpoints',
  per_step: 'One training step',
  steps: 'Successive checkpoints (in order)',
};

const comparisonField = () =>
  choice({
    id: 'set-comparison',
    label: 'Checkpoint type',
    hint: 'sets which published ranges are shown; successive checkpoints are taken in row order',
    names: COMPARISONS,
    read: ({ comparison }) => comparison ?? '',
    write: (comparison) => ({ comparison: comparison || null }),
  });

/** @type {Record<BackendChoice, string>} */
const BACKENDS = { auto: 'automatic', cpu: 'CPU (WebAssembly)', gpu: 'GPU (WebGPU)' };

const backendField = () =>
  choice({
    id: 'set-backend',
    label: 'Backend',
    hint: 'default: automatic, the faster one here',
    names: BACKENDS,
    read: ({ backend }) => backend,
    write: (backend) => ({ backend }),
  });

function basisField() {
  const box = h('input', {
    type: 'checkbox',
    id: 'set-basis',
    'aria-describedby': 'set-basis-hint',
    onchange: () => chooseSettings({ function_preserving: box.checked }),
  });
  store.watch(['settings'], ({ settings }) => {
    box.checked = settings.function_preserving;
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { class: 'check' }, box, 'Detect V/O rotations'),
    h(
      'span',
      { class: 'hint', id: 'set-basis-hint' },
      'rotations of value and output projections that don’t change the function; default on',
    ),
  );
}

export const mainFields = () => [...MAIN.map(textField), comparisonField()];

/** What most comparisons can do without. */
export const advancedFields = () => [
  textField(MAP),
  textField(RENAME),
  backendField(),
  basisField(),
];

/** The first field whose text is not a setting, in the order of the page, and what is wrong. */
export function firstInvalid() {
  const { invalid } = store.state;
  const field = [...MAIN, MAP, RENAME].find(({ id }) => invalid[id] !== undefined);
  return field ? { id: field.id, label: field.label, problem: invalid[field.id] } : null;
}
