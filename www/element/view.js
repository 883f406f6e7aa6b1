// From what the element's attributes ask for to the view of a panel.
import { OF_A_TENSOR } from '../exports/source.js';
import { availableMetrics } from '../report/metrics.js';
import { enumerate } from '../report/format.js';

/** @import { Report } from '../report/model.js' */
/** @import { View } from '../panels/view.js' */

/**
 * Attributes as they are written; null where an author left them out.
 * @typedef {Record<
 *   'metric' | 'run' | 'tensor' | 'alpha' | 'filter' | 'arrangement', string | null
 * >} Wanted
 */

/** What a heatmap shows first, where the report has it: where the update lies, not how large. */
const FIRST_METRIC = 'off_principal_share';

/** @type {View['arrangement'][]} */
const ARRANGEMENTS = ['one', 'multiples', 'difference'];

/**
 * @param {string} what
 * @param {string} name
 * @param {(string | number)[]} known
 */
const missing = (what, name, known) =>
  new Error(
    `This report has no ${what} “${name}”` +
      `${known.length && known.length <= 8 ? `; it has ${enumerate(known)}` : ''}.`,
  );

/**
 * A run by its name, or by its number from 1 where no run has such a name.
 * @param {Report} report
 * @param {string | null} name
 */
function findRun({ runs }, name) {
  if (name === null) return 0;
  const names = runs.map(({ checkpoint }) => checkpoint.name);
  const place = names.indexOf(name);
  if (place >= 0) return place;
  if (/^[1-9]\d*$/.test(name) && Number(name) <= runs.length) return Number(name) - 1;
  throw missing('run', name, names);
}

/**
 * @param {Report} report
 * @param {string | null} text
 */
function findAlpha({ settings: { alphas } }, text) {
  if (text === null) return 0;
  const place = alphas.indexOf(Number(text));
  if (place < 0) throw missing('α', text, alphas);
  return place;
}

/**
 * @param {Report} report
 * @param {string | null} id
 */
function chooseMetric(report, id) {
  const ids = availableMetrics(report).map((metric) => metric.id);
  if (id === null) return ids.includes(FIRST_METRIC) ? FIRST_METRIC : (ids[0] ?? FIRST_METRIC);
  if (!ids.includes(id)) throw missing('metric', id, ids);
  return id;
}

/**
 * A tensor by its name; where a figure needs one and none is named, the first matrix of a layer.
 * @param {Report} report
 * @param {number} run
 * @param {string | null} name
 * @param {string} figure
 */
function chooseTensor({ runs }, run, name, figure) {
  const { tensors } = runs[run];
  if (name !== null && !tensors.some((tensor) => tensor.name === name))
    throw missing('tensor', name, []);
  if (name !== null || !OF_A_TENSOR.has(figure)) return name;
  const matrix = tensors.find(
    ({ geometry, layer }) => geometry && layer !== null && layer !== undefined,
  );
  return (matrix ?? tensors[0])?.name ?? null;
}

/**
 * The view that attributes ask for. Throws a sentence where the report does not have it: nothing
 * else is shown in its place.
 * @param {Report} report
 * @param {Wanted} wanted
 * @param {string} figure
 * @returns {Omit<View, 'width'>}
 */
export function readView(report, wanted, figure) {
  if (!report.runs.length) throw new Error('This report holds no run.');
  const run = findRun(report, wanted.run);
  const arrangement = ARRANGEMENTS.find((known) => known === (wanted.arrangement ?? 'one'));
  if (!arrangement)
    throw new Error(
      `The arrangement “${wanted.arrangement}” is none of ${enumerate(ARRANGEMENTS)}.`,
    );
  return {
    report,
    runs: report.runs.map((_, place) => place),
    run,
    alpha: findAlpha(report, wanted.alpha),
    metric: chooseMetric(report, wanted.metric),
    tensor: chooseTensor(report, run, wanted.tensor, figure),
    arrangement,
    filter: wanted.filter ?? '',
  };
}
