// Every metric of the shown runs against a random update of the same size, in one plot.
import { dotChart } from '../charts/dots.js';
import { isWidened } from '../charts/published.js';
import { h } from '../dom/elements.js';
import { ROUNDING_ALONE, isWholeCast } from '../report/cast.js';
import { isIdentical } from '../report/identical.js';
import { describeReading } from '../report/describe-reading.js';
import { filterLike } from '../report/filter.js';
import { percent, sentence } from '../report/format.js';
import { hasBase } from '../report/listed.js';
import { PLAIN_ROWS } from '../report/plain-rows.js';
import { describeNoPlace, findPublished, placeRun } from '../report/placement.js';
import { AXES } from '../report/published-axes.js';
import { compareWithRandom, measureChange } from '../report/ratios.js';
import { roundShare } from '../report/rounding.js';
import { ABOUT } from '../report/reported.js';
import { ROWS, findRow } from '../report/rows.js';
import { nameRun } from '../report/run-names.js';
import { runKey, sourceLinks } from './parts.js';
import { RESTS } from './rest-of.js';

/** @import { Shown } from './rest-of.js' */
/** @import { Choose, View } from './view.js' */
/** @import { DotRow } from '../charts/dots.js' */
/** @import { Reading } from '../report/ratios.js' */

/**
 * @param {View} view
 * @param {boolean} placed Whether published ranges apply.
 * @returns {Shown[]}
 */
const showRuns = ({ report, runs, run: focus, alpha, filter }, placed) =>
  runs.map((run) => {
    const all = report.runs[run].tensors;
    const tensors = filterLike(all, report.runs[focus].tensors, filter, alpha);
    return {
      run,
      name: nameRun(report, run),
      readings: compareWithRandom(tensors, alpha),
      change: measureChange(tensors),
      signals: placed && describeNoPlace(report, run) === null ? placeRun(report, run) : [],
    };
  });

/**
 * What stands on a row's own axis of published values; at another α they are other quantities.
 * @param {View} view
 * @param {string} metric
 * @param {Shown[]} shown
 * @returns {DotRow['published']}
 */
function publishedOf({ report: { settings }, alpha }, metric, shown) {
  const published = findPublished(metric);
  if (published?.alpha !== undefined && published.alpha !== settings.alphas[alpha]) return null;
  const values = shown.flatMap(({ run, signals }) => {
    const signal = signals.find((one) => one.published.metric === metric);
    return signal?.compares ? [{ run, value: Number(signal.value) }] : [];
  });
  return published && values.length ? { axis: { ...published, ...AXES[metric] }, values } : null;
}

/**
 * @param {Shown[]} shown
 * @param {(one: Shown) => string} describe
 */
const tipOf = (shown, describe) =>
  shown.map((one) => h('p', {}, runKey([one], false), ` ${describe(one)}`));

/**
 * A row of ratios.
 * @param {View} view
 * @param {Shown[]} shown
 * @param {number} place Among the rows.
 * @returns {DotRow}
 */
function ratioRow(view, shown, place) {
  const { metric, run } = view;
  const { id, label, about } = findRow(
    (shown.find((one) => one.run === run) ?? shown[0]).readings[place].metric,
  );
  const same = shown.filter(({ readings }) => readings[place].metric === id);
  const dots = same.flatMap(({ run: one, readings }) => {
    const { ratio, noise } = readings[place];
    return ratio === null ? [] : [{ run: one, ratio, noise }];
  });
  const reaches = same.flatMap(({ readings }) => {
    const { deviation, baseline } = readings[place];
    return deviation !== null && baseline ? [(2 * deviation) / baseline] : [];
  });
  /** @param {Shown} one */
  const describe = ({ readings }) => describeReading(readings[place]);
  return {
    key: id,
    label,
    spoken: `${label}, ${about}. ${same.map((one) => `${one.name}: ${describe(one)}`).join('. ')}`,
    pressed: metric === id,
    dots,
    reach: reaches.length ? Math.min(0.99, Math.max(...reaches)) : null,
    text: dots.length ? null : 'no ratio: see the notes below',
    published: publishedOf(view, id, same),
    tip: () => [h('strong', {}, label), h('p', {}, about), ...tipOf(same, describe)],
  };
}

/**
 * A row of values without a random baseline.
 * @param {View} view
 * @param {Shown[]} shown
 * @param {'unchanged' | 'relative'} name
 * @returns {DotRow}
 */
function plainRow(view, shown, name) {
  const { metric } = view;
  const { id, label } = PLAIN_ROWS[name];
  /** @param {Shown} one */
  const describe = ({ change }) => percent(change[name]);
  return {
    key: id,
    label,
    spoken: `${label}: ${shown.map((one) => `${one.name} ${describe(one)}`).join(', ')}`,
    pressed: metric === id,
    dots: [],
    reach: null,
    text: shown.every(({ change }) => change[name] === null) ? 'no value' : null,
    values: shown.flatMap(({ run, change }) => {
      const value = change[name];
      return value === null ? [] : [{ run, text: roundShare(value) }];
    }),
    published: publishedOf(view, id, shown),
    tip: () => [h('strong', {}, label), ...tipOf(shown, describe)],
  };
}

/**
 * The metric of the run in focus that stands furthest from random.
 * @param {Shown} focus
 */
function headline({ readings, name }) {
  const [furthest] = readings
    .filter(({ ratio, noise }) => ratio && !noise)
    .sort((a, b) => Math.abs(Math.log(Number(b.ratio))) - Math.abs(Math.log(Number(a.ratio))));
  if (furthest) return `${findRow(furthest.metric).label} of ${name} is furthest from random`;
  return readings.some(({ ratio }) => ratio !== null)
    ? `${name} cannot be told from a random update of the same size`
    : `${name} has nothing to set beside a random update`;
}

/**
 * Why there is nothing to draw: a heading and a line; null where there is.
 * @param {View} view
 */
function describeNothing({ report, runs }) {
  if (!hasBase(report))
    return [
      'Nothing can be set beside a random update',
      'That takes the base: a delta alone tells which weights changed, not how far.',
    ];
  if (runs.every((run) => !report.runs[run].model.tensors))
    return ['There is nothing to compare', 'No tensor was compared.'];
  if (runs.every((run) => isWholeCast(report.runs[run])))
    return ['No weight changed but by rounding', sentence(ROUNDING_ALONE)];
  if (runs.every((run) => isIdentical(report.runs[run])))
    return ['No weight differs', 'There is no update to set beside a random one.'];
  return null;
}

/**
 * What is grey, as far as there is any: what is lighter was not published.
 * @param {DotRow[]} rows
 */
function describeGrey(rows) {
  const axes = rows.flatMap(({ published }) => (published ? [published.axis] : []));
  if (!axes.length) return '';
  return (
    '; grey bar or tick: published range or number' +
    (axes.some(isWidened)
      ? `, dashed: within ×${ABOUT.times} or ±${ABOUT.share * 100} points of it (ours)`
      : '')
  );
}

/**
 * The panel `dots`.
 * @param {View} view
 * @param {Choose} choose
 * @returns {HTMLElement}
 */
export function drawDots(view, choose) {
  const rest = RESTS.dots;
  const { report, run, width } = view;
  const nothing = describeNothing(view);
  if (nothing)
    return h(
      'section',
      { class: 'dots' },
      h('h3', {}, nothing[0]),
      h('p', { class: 'dots-note' }, nothing[1]),
    );
  const why = view.filter
    ? 'Published ranges are of whole models: they are not shown beside filtered tensors.'
    : describeNoPlace(report, run);
  const shown = showRuns(view, why === null);
  const focus = shown.find((one) => one.run === run) ?? shown[0];
  const rows = [
    ...ROWS.map((_, i) => ratioRow(view, shown, i)),
    plainRow(view, shown, 'unchanged'),
    plainRow(view, shown, 'relative'),
  ];
  const grey = describeGrey(rows);
  const sources = rows.flatMap(({ key, published }) =>
    published ? (findPublished(key)?.source ?? []) : [],
  );
  return h(
    'section',
    { class: 'dots' },
    h('h3', {}, headline(focus)),
    h(
      'p',
      { class: 'dots-note' },
      'Each value over that of a random update of the same size (1×)',
      shown.some(({ readings }) => readings.some(({ noise }) => noise)) && '; hollow: within noise',
      grey,
      '.',
      h('span', { 'data-not-exported': '' }, ' A row chooses its metric.'),
      ' ',
      runKey(shown),
    ),
    dotChart({
      rows,
      width,
      label: 'Metrics against a random update of the same size',
      onchoose: (metric) => choose({ metric }),
      explore: rest?.exploreDots,
    }),
    rest?.tableOf(shown),
    rest?.listNotes(shown).map((note) => h('p', { class: 'dots-note' }, note)),
    why !== null && h('p', { class: 'dots-note' }, why),
    sources.length > 0 &&
      h('p', { class: 'dots-note' }, 'Published by ', sourceLinks(sources), '.'),
    rest?.describeMethod(view, focus),
  );
}
