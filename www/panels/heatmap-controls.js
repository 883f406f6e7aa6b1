// What a reader chooses of a heatmap: metric, arrangement, tensors, and the runs of a difference.
import { h } from '../dom/elements.js';
import { GROUPS, availableMetrics } from '../report/metrics.js';
import { labelOf } from '../report/readings.js';
import { runLetter } from '../report/run-colours.js';

/** @import { HeatData, Part } from './heatmap-data.js' */
/** @import { Choose, View } from './view.js' */

let groups = 0;

/**
 * @param {View} view
 * @param {Choose} choose
 */
function metricPicker({ report, metric }, choose) {
  const all = availableMetrics(report);
  const select = h(
    'select',
    { id: 'metric', 'data-key': 'metric', onchange: () => choose({ metric: select.value }) },
    GROUPS.map((name) => ({ name, metrics: all.filter(({ group }) => group === name) }))
      .filter(({ metrics }) => metrics.length)
      .map(({ name, metrics }) =>
        h(
          'optgroup',
          { label: name },
          metrics.map((one) =>
            h('option', { value: one.id, selected: one.id === metric }, labelOf(one)),
          ),
        ),
      ),
  );
  return h('label', { class: 'heat-field' }, 'metric ', select);
}

/**
 * A choice of few, as radio buttons.
 * @template {string} Value
 * @param {string} name
 * @param {[Value, string][]} options
 * @param {Value} chosen
 * @param {(value: Value) => void} pick
 */
function radios(name, options, chosen, pick) {
  if (options.length < 2) return null;
  const group = `heat-${name}-${(groups += 1)}`;
  return h(
    'fieldset',
    { class: 'heat-choice' },
    h('legend', { class: 'heat-unseen' }, name),
    options.map(([value, label]) =>
      h(
        'label',
        {},
        h('input', {
          type: 'radio',
          name: group,
          value,
          checked: value === chosen,
          'data-key': `${name} ${value}`,
          onchange: () => pick(value),
        }),
        h('span', {}, label),
      ),
    ),
  );
}

/**
 * @param {string} label
 * @param {string} key
 * @param {View} view
 * @param {number} chosen
 * @param {(run: number) => void} pick
 */
function runPicker(label, key, { report }, chosen, pick) {
  const select = h(
    'select',
    { 'data-key': key, onchange: () => pick(Number(select.value)) },
    report.runs.map(({ checkpoint }, run) =>
      h(
        'option',
        { value: String(run), selected: run === chosen },
        `${runLetter(run)} · ${checkpoint.name}`,
      ),
    ),
  );
  return h('label', { class: 'heat-field' }, label, select);
}

/** @type {Record<Part, string>} */
const PARTS = { matrices: 'matrices', vectors: 'vectors', experts: 'experts' };

/**
 * @param {View} view
 * @param {Choose} choose
 * @param {HeatData} data
 */
export function heatControls(view, choose, { parts, part, pair, measure }) {
  const { report, runs, run, arrangement } = view;
  /** @type {[View['arrangement'], string][]} */
  const arrangements = [
    ['one', 'one run'],
    ...(runs.length > 1
      ? [/** @type {[View['arrangement'], string]} */ (['multiples', 'side by side'])]
      : []),
    ...(report.runs.length > 1
      ? [
          /** @type {[View['arrangement'], string]} */ ([
            'difference',
            measure.kind === 'ratio' ? 'A ÷ B' : 'A − B',
          ]),
        ]
      : []),
  ];
  const shown = arrangements.some(([value]) => value === arrangement) ? arrangement : 'one';
  return h(
    'div',
    { class: 'heat-controls' },
    metricPicker(view, choose),
    radios('arrangement', arrangements, shown, (value) => choose({ arrangement: value })),
    radios(
      'tensors',
      parts.map((value) => [value, PARTS[value]]),
      part,
      (value) => choose({ part: value }),
    ),
    pair && [
      runPicker('A ', 'run A', view, run, (value) =>
        // The two runs change places rather than be the same.
        choose(value === pair.other ? { run: value, against: run } : { run: value }),
      ),
      runPicker('B ', 'run B', view, pair.other, (value) =>
        choose(value === run ? { run: pair.other, against: value } : { against: value }),
      ),
    ],
  );
}
