// What a tensor's tabs hold.
import { fold, h } from '../../dom/elements.js';
import { drawSoon } from '../../dom/redraw.js';
import { findBasisChange } from '../../report/basis-change.js';
import { findComparison } from '../../report/comparison.js';
import { reportedFor } from '../../report/reported-for.js';
import { describeReferences, formatChance, formatValue } from '../../report/metric-words.js';
import { METRICS } from '../../report/metrics.js';
import { factsTable } from '../parts/figure.js';
import { alongSpectrum } from './along.js';
import { geometryFigures, rotationFigures } from './geometry.js';
import { headFigures } from './heads.js';
import { listedFigures } from './listed.js';
import { mapFigures } from './maps.js';
import { headlines } from './overview.js';
import { precisionFigures } from './precision.js';
import { maskSweep, sweepFigures, sweepTables } from './sweep.js';
import {
  adapterTable,
  basisTable,
  boundsTable,
  fisherTable,
  masksTable,
  randomTable,
} from './tables.js';

/** @import { Detailed, Report } from '../../report/model.js' */
/** @import { Child } from '../../dom/elements.js' */

/** @typedef {{ report: Report, run: number, alpha: number }} Shown */
/** @typedef {{ id: string, label: string, make: () => Child[] }} DetailTab */

/**
 * Nothing where the report has nothing for it.
 * @param {string} title
 * @param {Child[]} all
 * @param {Child} more Stands below the charts.
 */
const part = (title, all, more = null) => {
  const shown = all.filter(Boolean);
  return (
    shown.length > 0 &&
    h(
      'section',
      { 'aria-label': title },
      h('h4', { class: 'part' }, title),
      h('div', { class: 'charts' }, shown),
      more,
    )
  );
};

/**
 * @param {Detailed} tensor
 * @param {number} alpha
 */
const asTables = (tensor, alpha) => {
  const tables = sweepTables(tensor, alpha);
  return (
    tables.length > 0 &&
    fold('against k', 'Against k, as tables', h('div', { class: 'tables stacked' }, tables))
  );
};

/**
 * @param {Detailed} tensor
 * @param {Shown} shown
 */
function allValues(tensor, { report, run, alpha }) {
  const comparison = findComparison(report, run);
  const known = METRICS.filter(
    ({ value, interval }) => value(tensor, alpha) !== null || interval?.(tensor, alpha),
  );
  const rows = known.map((metric) => {
    const chance = formatChance(metric, tensor, alpha);
    return [
      h('span', { title: metric.about }, metric.label),
      formatValue(metric, tensor, alpha),
      chance === null
        ? h('span', { class: 'reference' }, describeReferences(metric, comparison))
        : `random ${chance}`,
    ];
  });
  return h(
    'div',
    { class: 'all-values' },
    factsTable('All values', ['Metric', 'Value', 'Random update, or reference'], rows),
  );
}

/** @param {Child[]} tables */
const tablesOf = (...tables) => {
  const shown = tables.flat().filter(Boolean);
  return shown.length > 0 && h('div', { class: 'tables' }, shown);
};

/**
 * The tabs for which the report has something.
 * @param {Detailed} tensor
 * @param {Shown} shown
 * @returns {DetailTab[]}
 */
export function tabsOf(tensor, shown) {
  const { report, run, alpha } = shown;
  const reported = reportedFor(findComparison(report, run));
  const change = findBasisChange(report.runs[run], tensor.name);
  const { geometry, heads, maps, masks, precision } = tensor;
  /** @type {[id: string, label: string, has: unknown, make: () => Child[]][]} */
  const all = [
    [
      'overview',
      'Overview',
      true,
      () => [
        headlines(tensor, alpha),
        part('As the delta lists', listedFigures(tensor)),
        part('Spectrum', geometryFigures(tensor, reported)),
      ],
    ],
    [
      'location',
      'Location',
      geometry || maps,
      () => [
        drawSoon(() =>
          part(
            'Where the update lies',
            [alongSpectrum(tensor), ...sweepFigures(tensor, reported)],
            asTables(tensor, alpha),
          ),
        ),
        drawSoon(() => part('On the matrix', mapFigures(tensor))),
      ],
    ],
    [
      'rotation',
      'Rotation',
      geometry || change,
      () => [
        part('Rotation', rotationFigures(tensor, reported)),
        tablesOf(randomTable(tensor), basisTable(change)),
      ],
    ],
    [
      'precision',
      'Precision',
      precision || tensor.adapter || tensor.fisher,
      () => [
        tablesOf(adapterTable(tensor), fisherTable(tensor)),
        part('In the stored precision', precisionFigures(tensor)),
      ],
    ],
    [
      'masks',
      'Masks',
      masks?.length,
      () => [tablesOf(...masksTable(tensor)), part('Against k', maskSweep(tensor, alpha))],
    ],
    ['heads', 'Heads', heads?.count, () => [part('Attention heads', headFigures(tensor))]],
    ['bounds', 'Bounds', geometry, () => [tablesOf(boundsTable(tensor))]],
    ['values', 'All values', tensor.status !== 'failed', () => [allValues(tensor, shown)]],
  ];
  return all.filter(([, , has]) => has).map(([id, label, , make]) => ({ id, label, make }));
}
