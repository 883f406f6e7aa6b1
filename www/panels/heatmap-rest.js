// What a heatmap's first view does without: what its cells say and open, how it is read, and what
// answers the pointer and the keyboard.
import { createTip } from '../charts/chart-tip.js';
import { letExplore } from '../charts/heat-keys.js';
import { findComparison } from '../report/comparison.js';
import { narrowTo } from '../report/narrow-filter.js';
import { findFigure } from '../report/figures.js';
import { formatRange, sentence } from '../report/format.js';
import { extremes, median } from '../report/means.js';
import { describeReferences } from '../report/metric-words.js';
import { describeCellReading } from '../report/reading-words.js';
import { headlineOf } from './heatmap-headline.js';
import { describeNone } from './heatmap-none.js';
import { findFarthest } from './heatmap-pair.js';
import { drawPair } from './heatmap-pair-choice.js';
import { RESTS } from './rest-of.js';
import { describeScale, nameCell, withValue, writerOf } from './heatmap-words.js';

/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */
/** @import { Choose, View } from './view.js' */

/**
 * What a cell says: its place, what is known of it, and of the other run of a difference.
 * @param {TableCell} cell
 * @param {Table} table
 * @param {HeatData} data
 * @param {View} view
 */
function describeCell(cell, table, data, view) {
  const { measure, pair } = data;
  const name = nameCell(cell, table, view);
  const about = describeCellReading(cell.cell, cell.reading, measure);
  if (!pair) return [name, ...about];
  const { against, shown } = cell;
  const write = writerOf(data);
  const [one, other] = [pair.one, pair.other].map((run) => view.report.runs[run].checkpoint.name);
  return [
    name,
    shown === null
      ? 'no difference: one of the two has no value'
      : `${measure.kind === 'ratio' ? 'A ÷ B' : 'A − B'} = ${write(shown)}`,
    `A, ${one}: ${about.join(', ')}`,
    `B, ${other}: ${
      against ? describeCellReading(against.cell, against.reading, measure).join(', ') : 'not there'
    }`,
  ];
}

/**
 * Opens a tensor; of many, it filters to them among what the reader's filter keeps.
 * @param {TableCell} cell
 * @param {Table} table
 * @param {Choose} choose
 * @param {View} view
 */
function openCell({ cell, group }, { runs }, choose, { filter }) {
  const run = runs[group];
  if (cell.tensors.length > 1) choose({ filter: narrowTo(filter, cell), run });
  else choose({ tensor: cell.tensors[0].name, run });
}

/**
 * What a heatmap shows, for who does not see it.
 * @param {HeatData} data
 * @param {View} view
 */
export function summarize(data, view) {
  const { main } = data;
  const known = withValue(main);
  const write = writerOf(data);
  if (!known.length) return `${main.cells.length} cells without a value.`;
  const values = known.map(({ shown }) => shown ?? 0);
  const [low, high] = extremes(values);
  /** @param {number} value */
  const where = (value) => nameCell(known[values.indexOf(value)], main, view);
  const none = main.cells.length - known.length;
  return sentence(
    `${describeScale(data, view)}; ${known.length} cells, ${main.rows.length} rows and ` +
      `${main.along.length} layers: median ${write(median(values) ?? 0)}, lowest ${write(low)} ` +
      `in ${where(low)}, highest ${write(high)} in ${where(high)}` +
      `${none ? `; ${none} without a value` : ''}`,
  );
}

/**
 * The metric and its random level, a paragraph each.
 * @param {HeatData} data
 * @param {View} view
 */
export function describeMethod({ measure, main }, { report, run }) {
  const { metric, complement, format, baseline } = measure;
  const { formula, chance } = findFigure(metric.id);
  const levels = main.cells.flatMap(({ reading }) =>
    reading.random === null ? [] : [reading.random],
  );
  const references = describeReferences(metric, findComparison(report, run));
  return [
    metric.about,
    `${metric.label} = ${formula}.`,
    complement && `Shown is what it lacks to 1: ${measure.label.toLowerCase()}.`,
    chance &&
      levels.length > 0 &&
      sentence(
        `${baseline}: ${formatRange(extremes(levels), format)}, by ${chance.formula}` +
          `${complement ? ' and its complement' : ''}`,
      ),
    references && sentence(references),
    'Colours reach from the 2nd to the 98th percentile of the cells; what lies beyond has the ' +
      'last colour. A cell of several tensors has their median.',
  ].filter((text) => typeof text === 'string');
}

RESTS.heatmap = {
  describeCell,
  openCell,
  summarize,
  describeMethod,
  headlineOf,
  describeNone,
  findFarthest,
  drawPair,
  createTip,
  letExplore,
};
