// What training did to a model, in two or three sentences made of its report. They place a run
// among what others published and never judge it.
import { isAdapter } from './adapter.js';
import { isWholeCast } from './cast.js';
import { findComparison } from './comparison.js';
import { describeRows } from './compared.js';
import { describePart, findPart } from './extent.js';
import { sentence } from './format.js';
import { isIdentical } from './identical.js';
import { hasBase } from './listed.js';
import { describeNoPlace, placeRun } from './placement.js';
import {
  describeAdapter,
  describeCastOf,
  describeChange,
  describeIdentical,
  describeListed,
  describeShareOf,
  describeSides,
  describeSpread,
} from './sentences.js';

/** @import { Report } from './model.js' */
/** @import { Signal } from './placement.js' */
/** @import { Part } from './sentences.js' */

/**
 * What a run is, as far as a sentence can be made of it.
 * @typedef {'listed' | 'nothing' | 'step' | 'identical' | 'cast' | 'part' | 'adapter'
 * | 'whole'} Sort
 */

/**
 * @typedef {object} Answer
 * @property {Sort} sort
 * @property {Part[][]} sentences None where no sentence is made.
 * @property {string | null} note Why there is none, or what it leaves out.
 * @property {Signal[]} signals What it places; empty where published ranges do not apply.
 */

/**
 * @param {Report} report
 * @param {number} place
 * @returns {Sort}
 */
export function sortOf(report, place) {
  const run = report.runs[place];
  const comparison = findComparison(report, place);
  if (!hasBase(report)) return 'listed';
  if (!run.model.tensors) return 'nothing';
  if (describePart(report, run)) return 'part';
  if (isIdentical(run)) return 'identical';
  if (isWholeCast(run)) return 'cast';
  if (comparison === 'per_step' || comparison === 'steps') return 'step';
  return isAdapter(run) ? 'adapter' : 'whole';
}

/**
 * Why no sentence is made of a run, or what holds beside it.
 * @param {Report} report
 * @param {number} run
 * @param {Sort} sort
 */
function describeNote(report, run, sort) {
  const part = findPart(report, report.runs[run]);
  const rows = describeRows(report.runs[run]);
  if (sort === 'listed')
    return 'Without the base, how far the weights moved, and where in its spectrum, is not known.';
  if (sort === 'nothing') return 'No tensor was compared.';
  if (sort === 'step')
    return findComparison(report, run) === 'steps'
      ? 'Steps of one run: published ranges are of whole runs and say nothing of them.'
      : 'One step of a run: published ranges are of whole runs and say nothing of it.';
  if (sort === 'part')
    return [
      part?.reasons.length && `Part of the model: ${part.reasons.join(', ')}.`,
      isIdentical(report.runs[run])
        ? 'No weight of it differs.'
        : 'All values are of this part; published ranges, of whole models, say nothing of it.',
    ]
      .filter(Boolean)
      .join(' ');
  const notes = [
    sort === 'identical' ? null : describeNoPlace(report, run),
    rows && sentence(rows),
  ].filter(Boolean);
  return notes.length ? notes.join(' ') : null;
}

/**
 * The sentences of a view: of the run in focus, beside the other runs that are shown.
 * @param {Report} report
 * @param {{ runs: number[], run: number, alpha: number }} view
 * @returns {Answer}
 */
export function composeAnswer(report, { runs, run, alpha }) {
  const sort = sortOf(report, run);
  const note = describeNote(report, run, sort);
  if (sort === 'listed')
    return { sort, sentences: [describeListed(report, runs)], note, signals: [] };
  if (sort === 'part') {
    const sentences = [
      ...describeShareOf(report, runs, run),
      ...describeCastOf(report, isWholeCast(report.runs[run]) ? [run] : []),
    ];
    return { sort, sentences, note, signals: [] };
  }
  if (sort === 'nothing' || sort === 'step') return { sort, sentences: [], note, signals: [] };
  const sorts = new Map(runs.map((place) => [place, sortOf(report, place)]));
  const identical = describeIdentical(
    report,
    runs.filter((place) => sorts.get(place) === 'identical'),
    runs.length,
  );
  const casts = describeCastOf(
    report,
    runs.filter((place) => sorts.get(place) === 'cast'),
  );
  if (sort === 'identical') return { sort, sentences: identical, note, signals: [] };
  if (sort === 'cast') return { sort, sentences: casts, note, signals: [] };
  const placed = sort === 'whole' && describeNoPlace(report, run) === null;
  const signals = placed ? placeRun(report, run) : [];
  const others = runs.filter(
    (place) => place !== run && ['whole', 'adapter'].includes(sorts.get(place) ?? ''),
  );
  return {
    sort,
    sentences: [
      sort === 'whole' ? describeChange(report, run, signals) : describeAdapter(report, run),
      describeSides(
        report,
        [run, ...others].sort((a, b) => a - b),
        alpha,
      ),
      describeSpread(report, run, others),
      ...identical,
      ...casts,
    ].filter((parts) => parts.length),
    note,
    signals,
  };
}
