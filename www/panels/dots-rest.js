// What the dot plot's first view does without: how it is made, its values in words, and what
// answers the pointer and the keyboard.
import '../report/gaps.js';
import { exploreDots } from '../charts/explore-dots.js';
import { h } from '../dom/elements.js';
import { describeReading } from '../report/describe-reading.js';
import { enumerate, percent, sentence } from '../report/format.js';
import { PUBLISHED_WORDS } from '../report/published-words.js';
import { LEADING, ROWS, findRow } from '../report/rows.js';
import { hiddenTable, method } from './parts.js';
import { RESTS } from './rest-of.js';

/** @import { Shown } from './rest-of.js' */
/** @import { View } from './view.js' */

/**
 * Which metrics have published values that are none of this report, and why.
 * @param {Shown} focus
 */
function describeUnplaced({ signals }) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const { published, why, compares, value } of signals)
    if (why && !compares && value !== null)
      reasons.set(why, [...(reasons.get(why) ?? []), PUBLISHED_WORDS[published.metric].label]);
  const said = [...reasons].map(([why, labels]) => `${enumerate(labels)} (${why})`);
  return said.length ? `Not set beside published values: ${said.join('; ')}.` : null;
}

/**
 * @param {Pick<View, 'report' | 'alpha'>} view
 * @param {Shown} focus
 */
const describeMethod = ({ report: { settings }, alpha }, focus) =>
  method(
    'dots',
    'How this is made',
    h(
      'p',
      {},
      'Each dot is a mean over the matrices of a run, divided by the mean of what a random ' +
        'update with independent entries and the same norm gives for the same matrices; the ' +
        'median angle is a median over both, and masks are of summed counts. Vectors have none ' +
        'of these. Baselines hold to first order in the update.',
    ),
    h(
      'p',
      {},
      `k = ${settings.k}, α = ${settings.alphas[alpha]}, η = ${settings.eta}. Matrices of ` +
        'which k covers all directions are left out of principal energy, rotations and the ' +
        'principal mask.',
    ),
    h(
      'p',
      {},
      'The shaded part of a line is where random updates fall (two standard deviations, where ' +
        'they are known). A hollow, dashed dot is within that, or within its own error.',
    ),
    h('p', {}, describeUnplaced(focus)),
    h(
      'dl',
      {},
      [...ROWS, LEADING].map(({ label, about }) => [h('dt', {}, label), h('dd', {}, about)]),
    ),
  );

/**
 * @param {Shown[]} shown
 */
const tableOf = (shown) =>
  hiddenTable(
    'Each metric, times a random update of the same size',
    ['Metric', ...shown.map(({ name }) => name)],
    [
      ...shown[0].readings.map(
        ({ metric }, i) =>
          /** @type {[string, ...string[]]} */ ([
            findRow(metric).label,
            ...shown.map(({ readings }) => describeReading(readings[i])),
          ]),
      ),
      ['Unchanged in bf16', ...shown.map(({ change }) => percent(change.unchanged))],
      ['‖Δ‖ over ‖W‖', ...shown.map(({ change }) => percent(change.relative))],
    ],
  );

/**
 * What rows leave out or lack, each said once.
 * @param {Shown[]} shown
 */
function listNotes(shown) {
  /** @type {Map<string, Set<string>>} */
  const rows = new Map();
  for (const { readings } of shown)
    for (const { note, metric } of readings)
      if (note !== null) rows.set(note, (rows.get(note) ?? new Set()).add(findRow(metric).label));
  return [...rows].map(([note, labels]) => sentence(`${enumerate([...labels])}: ${note}`));
}

RESTS.dots = { describeMethod, tableOf, listNotes, exploreDots };
