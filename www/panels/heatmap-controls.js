// What a reader chooses of a heatmap: metric, arrangement and tensors.
import { h } from '../dom/elements.js';
import { GROUPS, availableMetrics } from '../report/metrics.js';
import { labelOf } from '../report/readings.js';
import { RESTS } from './rest-of.js';

/** @import { HeatData } from './heatmap-data.js' */
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
 * @param {[value: Value, label: string, ...rest: unknown[]][]} options
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
 * @param {View} view
 * @param {Choose} choose
 * @param {HeatData} data
 */
export function heatControls(view, choose, { parts, part, pair, measure }) {
  const { report, runs, arrangement } = view;
  /** @type {[View['arrangement'], string, number][]} Each with how many runs it could show. */
  const all = [
    ['one', 'one run', 2],
    ['multiples', 'side by side', runs.length],
    ['difference', measure.kind === 'ratio' ? 'A ÷ B' : 'A − B', report.runs.length],
  ];
  const arrangements = all.filter(([, , of]) => of > 1);
  const shown = arrangements.some(([value]) => value === arrangement) ? arrangement : 'one';
  return h(
    'div',
    { class: 'heat-controls' },
    metricPicker(view, choose),
    radios('arrangement', arrangements, shown, (value) => choose({ arrangement: value })),
    radios(
      'tensors',
      parts.map((value) => [value, value]),
      part,
      (value) => choose({ part: value }),
    ),
    pair && RESTS.heatmap?.drawPair(view, choose, pair.other),
  );
}
