// How the figures at rank k depend on k: at the ranks 1, 2, 4, … and k.
import { along } from '../../charts/along.js';
import { keyOf } from '../../charts/curves.js';
import {
  degrees,
  enumerate,
  formatError,
  number,
  percent,
  times,
  within,
} from '../../report/format.js';
import { ifReported } from '../../report/reported-for.js';
import {
  chanceInBrackets,
  angleChanceInBrackets,
  describeAngleChance,
} from '../../report/chance.js';
import { factsTable, figure, under } from '../parts/figure.js';

/** @import { Detailed, MaskOverlap, RankChance, SweepPoint } from '../../report/model.js' */
/** @import { Format, Maybe } from '../../report/format.js' */
/** @import { ReportedText } from '../../report/reported-for.js' */
/** @import { Child } from '../../dom/elements.js' */

/**
 * A rank of a sweep, of one matrix or of a run, whose means have no uncertainty.
 * @typedef {object} Point
 * @property {SweepPoint['k']} k
 * @property {SweepPoint['off_principal_share']} [off_principal_share]
 * @property {SweepPoint['off_principal_left']} [off_principal_left]
 * @property {SweepPoint['off_principal_right']} [off_principal_right]
 * @property {SweepPoint['resolved']} resolved
 * @property {SweepPoint['nss_top_k'] | null} nss_top_k
 * @property {SweepPoint['rotation_max'] | null} rotation_max
 * @property {SweepPoint['rotation_median'] | null} rotation_median
 * @property {SweepPoint['shares_uncertainty']} [shares_uncertainty]
 * @property {SweepPoint['nss_top_k_uncertainty']} [nss_top_k_uncertainty]
 * @property {PointChance} chance
 */
/** @typedef {Partial<RankChance> & { both: Maybe, left: Maybe, right: Maybe }} PointChance */

/**
 * The tooltips of a sweep.
 * @param {Format} format
 * @param {Map<number, Maybe>} uncertainties At each k, where the report has them.
 * @returns {(name: string, k: number, value: Maybe, level: Maybe) => string}
 */
const tooltips =
  (format, uncertainties = new Map()) =>
  (name, k, value, level) =>
    `k = ${k}, ${name}: ${within(format, value, uncertainties.get(k))}` +
    chanceInBrackets(level, format);

/**
 * A value at each k.
 * @template T
 * @param {Point[]} sweep
 * @param {(point: Point) => T} read
 */
const byRank = (sweep, read) => new Map(sweep.map((point) => [point.k, read(point)]));

/**
 * Chance levels of a curve, or none where the report has none of them.
 * @param {Maybe[]} levels
 */
export const levelsIfAny = (levels) =>
  levels.some((level) => level !== null && level !== undefined) ? levels : undefined;

/** What a share lacks to 1. @param {Maybe} share */
export const lackOf = (share) => (typeof share === 'number' ? 1 - share : null);

/**
 * The tooltips of principal energy: each with how many times a random update's it is.
 * @param {Map<number, Maybe>} uncertainties
 * @returns {ReturnType<typeof tooltips>}
 */
function energyTooltips(uncertainties) {
  const write = tooltips(percent, uncertainties);
  return (name, k, value, level) =>
    write(name, k, value, level) +
    (typeof value === 'number' && level ? `: ${times(value / level)} random` : '');
}

/** @param {{ sweep: Point[], shares_uncertainty?: Maybe }} matrix */
function principalEnergy({ sweep, shares_uncertainty: uncertainty }) {
  const points = sweep.filter(({ off_principal_share: share }) => share !== null);
  if (!points.length) return null;
  const series = [
    {
      name: 'left',
      observed: points.map((point) => lackOf(point.off_principal_left)),
      chance: points.map(({ chance }) => lackOf(chance.left)),
    },
    {
      name: 'right',
      observed: points.map((point) => lackOf(point.off_principal_right)),
      chance: points.map(({ chance }) => lackOf(chance.right)),
    },
    {
      name: 'both',
      observed: points.map((point) => lackOf(point.off_principal_share)),
      chance: points.map(({ chance }) => lackOf(chance.both)),
    },
  ];
  const label = 'Principal energy against k';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'share of ‖Δ‖², %',
      percent: true,
      places: points.map(({ k }) => k),
      series,
      log: true,
      text: energyTooltips(byRank(sweep, (point) => point.shares_uncertainty)),
    }),
    {
      series,
      beside:
        'Dashed: a random update of the same size. Above it, the update holds more of the ' +
        'principal subspaces than a random one, at whichever k; log scale.' +
        (uncertainty
          ? ` Shares at k = ${points.at(-1)?.k} are ± ${formatError(percent, uncertainty)}.`
          : ''),
    },
  );
}

/** @param {{ sweep: Point[], nss_top_k_uncertainty?: Maybe }} matrix */
function nss({ sweep, nss_top_k_uncertainty: uncertainty }) {
  const chance = levelsIfAny(sweep.map((point) => point.chance.nss_top_k));
  if (!chance) return null;
  const series = [
    { name: 'NSS of the top k', observed: sweep.map((point) => point.nss_top_k), chance },
  ];
  const label = 'NSS of the top k against k';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'NSS of the top k',
      places: sweep.map(({ k }) => k),
      series,
      log: true,
      text: tooltips(
        number,
        byRank(sweep, (point) => point.nss_top_k_uncertainty),
      ),
    }),
    {
      series,
      beside:
        'Dashed: a random update of the same size, first order. Above it, the leading singular ' +
        'values moved more than by the update’s size alone.' +
        (uncertainty
          ? ` At k = ${sweep.at(-1)?.k} it is ± ${formatError(number, uncertainty)}.`
          : ''),
    },
  );
}

/**
 * The largest and the median angle at each k.
 * @param {Point[]} sweep
 */
const rotationSeries = (sweep) => [
  {
    name: 'largest',
    observed: sweep.map((point) => point.rotation_max),
    chance: levelsIfAny(sweep.map(({ chance }) => chance.rotation_max)),
  },
  {
    name: 'median',
    observed: sweep.map((point) => point.rotation_median),
    chance: levelsIfAny(sweep.map(({ chance }) => chance.rotation_median)),
  },
];

/**
 * @param {SweepPoint[]} sweep
 * @param {Maybe} draws
 * @param {ReportedText} reported
 */
function rotation(sweep, draws, reported) {
  const series = rotationSeries(sweep);
  const unresolved = sweep.filter(({ resolved }) => !resolved).map(({ k }) => k);
  const label = 'Rotation against k';
  /** @type {(name: string, k: number, angle: Maybe, level: Maybe) => string} */
  const text = (name, k, angle, level) => {
    const { gap, resolved, uncertainty, chance } = sweep.find((point) => point.k === k) ?? sweep[0];
    const byChance =
      name === 'largest' ? angleChanceInBrackets(chance) : chanceInBrackets(level, degrees);
    const doubt = resolved ? `uncertainty ${degrees(uncertainty)}` : 'not resolved';
    return `k = ${k}, ${name}: ${degrees(angle)}${byChance}; gap ${number(gap)}, ${doubt}`;
  };
  const without =
    draws === undefined
      ? []
      : sweep.filter(({ chance }) => chance.rotation_max === null).map(({ k }) => k);
  const resolution = unresolved.length
    ? `Not resolved at k = ${enumerate(unresolved)}, where the gap does not define the subspace`
    : 'Resolved at every k shown';
  const none = without.length
    ? `No random baseline at k = ${enumerate(without)}, where there is no gap. `
    : '';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'degrees',
      places: sweep.map(({ k }) => k),
      series,
      text,
      hollow: (i) => !sweep[i].resolved,
    }),
    {
      swatches: [...keyOf(series), { name: 'not resolved', colour: 'var(--quiet)', mark: 'ring' }],
      beside:
        `${resolution}. ${none}` +
        `${ifReported(reported.rotation, (known) => `Published for one layer: ${known}. `)}` +
        'Unrelated subspaces are near 90°.' +
        (series[0].chance ? describeAngleChance({ draws }) : ''),
    },
  );
}

/**
 * @typedef {object} MaskPoint
 * @property {number} k
 * @property {MaskOverlap} principal
 * @property {MaskOverlap} [principal_not_low]
 * @property {MaskOverlap} [safe]
 */

/** @type {['principal' | 'principal_not_low' | 'safe', string][]} */
const MASKS = [
  ['principal', 'principal'],
  ['principal_not_low', 'principal and not low'],
  ['safe', 'safe: low or not principal'],
];

/**
 * The safe mask is all but principal and not low, so that its curve would be theirs upside down:
 * the table has it.
 * @param {{ alpha: number, sweep: MaskPoint[] }} masks
 */
function principalMask({ alpha, sweep }) {
  const series = MASKS.slice(0, 2)
    .filter(([kind]) => sweep[0][kind])
    .map(([kind, name]) => ({
      name,
      observed: sweep.map((point) => point[kind]?.overlap),
      chance: sweep.map((point) => point[kind]?.chance),
    }));
  if (
    series.every(({ observed }) =>
      observed.every((overlap) => overlap === null || overlap === undefined),
    )
  )
    return null;
  const label = `Principal mask against k, α\u00a0=\u00a0${alpha}`;
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'share of the changed weights, %',
      percent: true,
      zero: false,
      places: sweep.map(({ k }) => k),
      series,
      text: tooltips(percent),
    }),
    {
      series,
      beside:
        `Of the changed weights, those in the top α = ${alpha} of the entries of W0’s rank-k ` +
        'part. Dashed: random, the density of the mask. Below it, the update avoids the ' +
        'principal weights of that rank.',
    },
  );
}

/**
 * @param {Detailed} tensor
 * @param {ReportedText} reported As far as it is context.
 */
export const sweepFigures = ({ geometry }, reported) =>
  geometry?.sweep?.length
    ? [
        principalEnergy({ ...geometry, sweep: geometry.sweep }),
        nss({ ...geometry, sweep: geometry.sweep }),
        rotation(geometry.sweep, geometry.chance.draws, reported),
      ].filter(Boolean)
    : [];

/**
 * @param {Detailed} tensor
 * @param {number} alpha
 */
export function maskSweep({ masks }, alpha) {
  const mask = masks?.[alpha];
  if (!mask?.sweep?.length) return [];
  return [principalMask({ alpha: mask.alpha, sweep: mask.sweep })].filter(Boolean);
}

/** @type {(format: Format, value: Maybe, level: Maybe, deviation?: Maybe) => Child[]} */
const chanceCell = (format, value, level, deviation) =>
  under(
    format(value),
    level === undefined
      ? []
      : [level === null ? 'no random baseline' : `random ${within(format, level, deviation)}`],
  );

/**
 * What an off-principal share and its level lack to 1.
 * @param {Maybe} share
 * @param {Maybe} level
 */
const energyCell = (share, level) =>
  chanceCell(percent, lackOf(share), level === undefined ? level : lackOf(level));

/**
 * Each value over its chance level.
 * @template {Point} P
 * @param {string} title
 * @param {P[]} sweep
 * @param {string} head Of one more column.
 * @param {(point: P) => string} last Its cells.
 */
export const subspacesTable = (title, sweep, head, last) =>
  factsTable(
    title,
    [
      'k',
      'Principal energy',
      'left',
      'right',
      'NSS of the top k',
      'Largest rotation',
      'Median',
      head,
    ],
    sweep.map((point) => [
      String(point.k),
      energyCell(point.off_principal_share, point.chance.both),
      energyCell(point.off_principal_left, point.chance.left),
      energyCell(point.off_principal_right, point.chance.right),
      chanceCell(number, point.nss_top_k, point.chance.nss_top_k),
      point.resolved
        ? chanceCell(
            degrees,
            point.rotation_max,
            point.chance.rotation_max,
            point.chance.rotation_max_deviation,
          )
        : 'not resolved',
      chanceCell(degrees, point.rotation_median, point.chance.rotation_median),
      last(point),
    ]),
  );

/**
 * The same as the charts, as tables.
 * @param {Detailed} tensor
 * @param {number} alpha
 */
export function sweepTables({ geometry, masks }, alpha) {
  const sweep = geometry?.sweep ?? [];
  const mask = masks?.[alpha];
  return [
    sweep.length > 0 &&
      subspacesTable('Values of the subspaces against k', sweep, 'Gap', ({ gap }) => number(gap)),
    mask?.sweep?.length &&
      factsTable(
        `Changed weights in masks against k, α = ${mask.alpha}`,
        ['k', ...MASKS.map(([, name]) => name)],
        mask.sweep.map((point) => [
          String(point.k),
          ...MASKS.map(([kind]) => chanceCell(percent, point[kind].overlap, point[kind].chance)),
        ]),
      ),
  ].filter(Boolean);
}
