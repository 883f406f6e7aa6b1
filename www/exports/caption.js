// A caption for a paper: sentences with everything that a reader needs to read the values.
import { count, enumerate } from '../report/format.js';
import { describeExactness, describeSettings, partsOf, runsAt } from './source.js';

/** @import { Report } from '../report/model.js' */

/**
 * The day on which a report was made; reports from elsewhere may lack it.
 * @param {Pick<Report, 'created'>} report
 */
const dateOf = ({ created }) =>
  typeof created === 'string' ? created.slice(0, 10) : 'an unknown date';

/**
 * @param {Report} report
 * @param {object} [shown]
 * @param {string} [shown.title] What is shown.
 * @param {number[]} [shown.runs] Places of the runs.
 */
export function caption(report, { title, runs: places } = {}) {
  const runs = runsAt(report, places);
  const names = enumerate(runs.map(({ checkpoint }) => checkpoint.name));
  const sizes = [...new Set(runs.map(({ tensors }) => tensors.length))].map(count).join(' to ');
  const exactness = describeExactness(runs);
  return [
    title && `${title}.`,
    report.base ? `${names} against ${report.base.name}.` : `${names}, without the base.`,
    `${describeSettings(report, runs)}; ${sizes} tensors${runs.length > 1 ? ' each' : ''}` +
      `${exactness ? `; matrices ${exactness.replace(' matrices', '')}` : ''}.`,
    ...partsOf(report, runs).map((part) => `${part[0].toUpperCase()}${part.slice(1)}.`),
    `Report of ${dateOf(report)} by ${report.generator ?? 'Gatescope'}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
