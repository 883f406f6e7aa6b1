// What a reader chooses of a difference: its two runs.
import { h } from '../dom/elements.js';
import { runLetter } from '../report/run-colours.js';

/** @import { Choose, View } from './view.js' */

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

/**
 * @param {View} view
 * @param {Choose} choose
 * @param {number} other The run that the one in focus differs from.
 */
export const drawPair = (view, choose, other) => [
  runPicker('A ', 'run A', view, view.run, (value) =>
    // The two runs change places rather than be the same.
    choose(value === other ? { run: value, against: view.run } : { run: value }),
  ),
  runPicker('B ', 'run B', view, other, (value) =>
    choose(value === view.run ? { run: other, against: value } : { against: value }),
  ),
];
