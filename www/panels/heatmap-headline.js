// The heading of a heatmap: which of its cells is the farthest from a random update.
import { describePart } from '../report/extent.js';
import { counted } from '../report/format.js';
import { extremes } from '../report/means.js';
import { isWithinNoise } from '../report/readings.js';
import { nameCell, withValue, writerOf } from './heatmap-words.js';

/** @import { View } from './view.js' */
/** @import { HeatData, TableCell } from './heatmap-data.js' */

/** @param {string} label */
const verbOf = (label) => (/stripes$|^Weights|codes$|scales$/.test(label) ? 'are' : 'is');

/** Labels that name a largest value are not highest once more. @param {string} label */
const highOf = (label) => (/^Largest/.test(label) ? 'greatest' : 'highest');

/** A cell is at the level of a random update up to this many times. */
const CLOSE = 1.1;

/**
 * Whether a cell cannot be told from a random update, or hardly.
 * @param {TableCell} cell
 * @param {HeatData} data
 */
function isClose({ shown, cell: { tensors } }, { measure }) {
  const ratio = shown ?? 0;
  return (
    (ratio <= CLOSE && ratio >= 1 / CLOSE) ||
    (tensors.length === 1 && isWithinNoise(measure, tensors[0]))
  );
}

/**
 * What a heatmap is of where it is of a part of a model, of which no claim is made; null where it
 * is of all of it.
 * @param {HeatData} data
 * @param {View} view
 */
function namePart({ measure, main }, { report }) {
  if (!main.runs.some((run) => describePart(report, report.runs[run]))) return null;
  const state = report.partial ? 'finished' : 'compared';
  const [first, ...others] = main.runs.map((run) => report.runs[run].tensors.length);
  return others.every((count) => count === first)
    ? `${measure.label} of the ${counted(first, `${state} tensor`)}`
    : `${measure.label} of the ${state} tensors`;
}

/**
 * The heading of one run, or of several side by side: which end is the farthest from a random
 * update.
 * @param {TableCell[]} known
 * @param {HeatData} data
 * @param {View} view
 */
function describeEnd(known, data, view) {
  const { measure, main } = data;
  const { label, kind, short } = measure;
  const write = writerOf(data);
  const is = verbOf(label);
  const values = known.map(({ shown }) => shown ?? 0);
  const [low, high] = extremes(values);
  const isRatio = kind === 'ratio';
  const unit = isRatio ? ` ${short}` : '';
  if (main.scale.equal !== null && known.length > 1)
    return `${label} ${is} the same everywhere: ${write(high)}${unit}`;
  if (isRatio && known.every((cell) => isClose(cell, data))) {
    const ends = write(low) === write(high) ? write(high) : `${write(low)} to ${write(high)}`;
    const level = short === 'random' ? 'random' : 'independent runs';
    return `${label} ${is} close to ${level} everywhere: ${ends}`;
  }
  const isLow = isRatio ? low * high < 1 : kind === 'signed' && -low > high;
  const end = isLow ? low : high;
  const where = nameCell(known[values.indexOf(end)], main, view);
  return `${label} ${is} ${isLow ? 'lowest' : highOf(label)} in ${where}: ${write(end)}${unit}`;
}

/**
 * The sentence above a heatmap: which of the tensors that the filter keeps stands out.
 * @param {HeatData} data
 * @param {View} view
 */
export function headlineOf(data, view) {
  const { measure, pair, main } = data;
  const all = withValue(main);
  const { label, kind } = measure;
  if (!all.length) return `No value of “${label}” here`;
  const part = namePart(data, view);
  const [one, other] = pair
    ? [pair.one, pair.other].map((run) => view.report.runs[run].checkpoint.name)
    : [];
  if (part) return pair ? `${part}: ${one} ${kind === 'ratio' ? '÷' : '−'} ${other}` : part;
  const known = all.filter(({ faded }) => !faded);
  if (!known.length) return `${label}: the filter keeps none of these tensors`;
  if (!pair) return describeEnd(known, data, view);
  const write = writerOf(data);
  /** How far a cell is from equal. @param {TableCell} cell */
  const distance = ({ shown }) => Math.abs(kind === 'ratio' ? Math.log(shown ?? 0) : (shown ?? 0));
  const most = known.reduce((best, cell) => (distance(cell) > distance(best) ? cell : best));
  const isPlural = verbOf(label) === 'are';
  if (distance(most) === 0) return `${label} ${verbOf(label)} the same in ${one} and ${other}`;
  const where = nameCell(most, main, view);
  return (
    `${label} ${isPlural ? 'differ' : 'differs'} most between ${one} and ${other} in ${where}: ` +
    write(most.shown ?? 0)
  );
}
