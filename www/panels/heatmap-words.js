// What a heatmap is called and how it is read, in words.
import { shorten, shortTimes } from '../report/short-values.js';

/** @import { View } from './view.js' */
/** @import { HeatData, Table, TableCell } from './heatmap-data.js' */

/**
 * How what colours stand for is written.
 * @param {HeatData} data
 * @returns {(shown: number) => string}
 */
export function writerOf({ measure, pair }) {
  if (measure.kind === 'ratio') return shortTimes;
  const write = shorten(measure.format);
  return pair ? (shown) => `${shown > 0 ? '+' : ''}${write(shown)}` : write;
}

/**
 * What colours stand for.
 * @param {HeatData} data
 * @param {View} view
 */
export function describeScale({ measure, pair }, { report }) {
  const { label, kind, baseline } = measure;
  const against = kind === 'ratio' ? `${label} ÷ ${baseline}` : label;
  if (!pair) return against;
  const [one, other] = [pair.one, pair.other].map((run) => report.runs[run].checkpoint.name);
  return kind === 'ratio' ? `${against}: ${one} ÷ ${other}` : `${against}: ${one} − ${other}`;
}

/** @param {HeatData} data */
export const middleOf = ({ measure, pair }) =>
  measure.kind === 'ratio'
    ? pair
      ? '1× = equal'
      : `1× = ${measure.short}`
    : pair
      ? '0 = equal'
      : '0';

/**
 * A cell's place, in words.
 * @param {TableCell} cell
 * @param {Table} table
 * @param {View} view
 */
export function nameCell({ group, row, along, cell }, { runs, unit }, { report }) {
  const run = runs.length > 1 ? [report.runs[runs[group]].checkpoint.name] : [];
  const place =
    unit === 'expert'
      ? [`layer ${cell.layer}`, cell.module, `expert ${along}`]
      : [...(cell.layer === null ? [] : [`layer ${cell.layer}`]), row];
  return [...run, ...place].join(', ');
}

/** @param {Table} table */
export const withValue = ({ cells }) =>
  cells.filter((cell) => cell.shown !== null && Number.isFinite(cell.shown));

/**
 * How to read the colours, in a line.
 * @param {HeatData} data
 */
export function describeColours({ measure, pair }) {
  const { kind, baseline, short } = measure;
  if (pair)
    return kind === 'ratio'
      ? `Orange: farther above ${short} in the first run; purple: in the second.`
      : 'Orange: higher in the first run; purple: in the second.';
  if (kind === 'ratio') return `Orange: above the ${baseline}; purple: below; log scale.`;
  return kind === 'signed'
    ? `Orange: above 0, the level of the ${baseline}; purple: below.`
    : 'No random level: the stronger the colour, the higher the value.';
}
