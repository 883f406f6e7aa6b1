// How the figures at rank k depend on k: at the ranks 1, 2, 4, … and k.
import { along } from '../../charts/along.js';
import { key } from '../../charts/curves.js';
import { degrees, number, percent, within } from '../../report/format.js';
import { ifReported } from '../../report/span.js';
import {
  chanceInBrackets,
  angleChanceInBrackets,
  describeAngleChance,
} from '../../report/chance.js';
import { facts, figure, under } from '../parts/figure.js';

/** Tooltips; `doubts`: the uncertainty at each k, where the report has it. */
export const said =
  (format, doubts = new Map()) =>
  (name, k, value, level) =>
    `k = ${k}, ${name}: ${within(format, value, doubts.get(k))}${chanceInBrackets(level, format)}`;
const doubtsOf = (sweep, field) => new Map(sweep.map((one) => [one.k, one[field]]));

/** Chance levels of a curve, or none where the report has none of them. */
export const levels = (list) =>
  list.some((level) => level !== null && level !== undefined) ? list : undefined;

export function offPrincipal({ sweep, shares_uncertainty: doubt }) {
  const held = sweep.filter((one) => one.off_principal_share !== null);
  if (!held.length) return null;
  const series = [
    ['left', 'off_principal_left'],
    ['right', 'off_principal_right'],
    ['both', 'off_principal_share'],
  ].map(([side, field]) => ({
    name: side,
    observed: held.map((one) => one[field]),
    chance: held.map(({ chance }) => chance[side]),
  }));
  const label = 'Off-principal share against k';
  return figure(
    label,
    along({
      label,
      x: 'k',
      y: 'share of ‖Δ‖², %',
      percent: true,
      places: held.map(({ k }) => k),
      series,
      nearOne: true,
      text: said(percent, doubtsOf(sweep, 'shares_uncertainty')),
    }),
    {
      series,
      beside:
        'Dashed: chance. Below it, the update holds more of the principal subspaces than a random one, at whichever k. The scale is that of what is missing to 100 %.' +
        `${doubt ? ` Shares at k = ${held.at(-1).k} are ± ${percent(doubt)}.` : ''}`,
    },
  );
}

export function nss({ sweep, nss_top_k_uncertainty: doubt }) {
  const chance = levels(sweep.map((one) => one.chance.nss_top_k));
  if (!chance) return null;
  const series = [
    { name: 'NSS of the top k', observed: sweep.map((one) => one.nss_top_k), chance },
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
      text: said(number, doubtsOf(sweep, 'nss_top_k_uncertainty')),
    }),
    {
      series,
      beside: `Dashed: a random update of the same norm, first order. Above it, the leading singular values moved more than by the update’s size alone.${doubt ? ` At k = ${sweep.at(-1).k} it is ± ${number(doubt)}.` : ''}`,
    },
  );
}

/** Places in the words of a sentence. */
const list = (values) =>
  values.length > 1 ? `${values.slice(0, -1).join(', ')} and ${values.at(-1)}` : values.join('');

function rotation({ sweep, chance: { draws } }, reported) {
  const series = [
    ['largest', 'rotation_max'],
    ['median', 'rotation_median'],
  ].map(([name, field]) => ({
    name,
    observed: sweep.map((one) => one[field]),
    chance: levels(sweep.map(({ chance }) => chance[field])),
  }));
  const unresolved = sweep.filter(({ resolved }) => !resolved).map(({ k }) => k);
  const label = 'Rotation against k';
  const at = new Map(sweep.map((one) => [one.k, one]));
  const text = (name, k, angle, level) => {
    const { gap, resolved, uncertainty, chance } = at.get(k);
    return `k = ${k}, ${name}: ${degrees(angle)}${name === 'largest' ? angleChanceInBrackets(chance) : chanceInBrackets(level, degrees)}; gap ${number(gap)}${resolved ? `, uncertainty ${degrees(uncertainty)}` : ', not resolved'}`;
  };
  const without =
    draws === undefined
      ? []
      : sweep.filter(({ chance }) => chance.rotation_max === null).map(({ k }) => k);
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
      swatches: [...key(series), { name: 'not resolved', colour: 'var(--quiet)', mark: 'ring' }],
      beside:
        `${unresolved.length ? `Not resolved at k = ${list(unresolved)}, where the gap does not define the subspace` : 'Resolved at every k shown'}. ` +
        `${without.length ? `No chance level at k = ${list(without)}, where there is no gap. ` : ''}` +
        `${ifReported(reported.rotation, (known) => `Reported for one layer: ${known}. `)}Unrelated subspaces are near 90°.${series[0].chance ? describeAngleChance({ draws }) : ''}`,
    },
  );
}

const MASKS = [
  ['principal', 'principal'],
  ['principal_not_low', 'principal and not low'],
  ['safe', 'safe: low or not principal'],
];

/**
 * The safe mask is all but principal and not low, so that its curve would be theirs upside down:
 * the table has it.
 */
export function principalMask({ alpha, sweep }) {
  const series = MASKS.slice(0, 2)
    .filter(([kind]) => sweep[0][kind])
    .map(([kind, name]) => ({
      name,
      observed: sweep.map((one) => one[kind].overlap),
      chance: sweep.map((one) => one[kind].chance),
    }));
  if (series.every(({ observed }) => observed.every((overlap) => overlap === null))) return null;
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
      text: said(percent),
    }),
    {
      series,
      beside: `Of the changed weights, those in the top α = ${alpha} of the entries of W0’s rank-k part. Dashed: chance, the density of the mask. Below it, the update avoids the principal weights of that rank.`,
    },
  );
}

/** `reported`: what was reported elsewhere, as far as it is context. */
export function sweepFigures({ geometry, masks }, reported, alpha) {
  const held = masks?.[alpha];
  return [
    ...(geometry?.sweep?.length
      ? [offPrincipal(geometry), nss(geometry), rotation(geometry, reported)]
      : []),
    held?.sweep?.length && principalMask(held),
  ].filter(Boolean);
}

const cell = (format, value, level, spread) =>
  under(
    format(value),
    level === undefined
      ? []
      : [level === null ? 'no chance level' : `chance ${within(format, level, spread)}`],
  );

/** Each figure over its chance level; `last` gives one more column of this head. */
export const subspacesTable = (title, sweep, head, last) =>
  facts(
    title,
    ['k', 'Off-principal', 'left', 'right', 'NSS of the top k', 'Largest rotation', 'Median', head],
    sweep.map((one) => [
      String(one.k),
      cell(percent, one.off_principal_share, one.chance.both),
      cell(percent, one.off_principal_left, one.chance.left),
      cell(percent, one.off_principal_right, one.chance.right),
      cell(number, one.nss_top_k, one.chance.nss_top_k),
      one.resolved
        ? cell(
            degrees,
            one.rotation_max,
            one.chance.rotation_max,
            one.chance.rotation_max_deviation,
          )
        : 'not resolved',
      cell(degrees, one.rotation_median, one.chance.rotation_median),
      last(one),
    ]),
  );

/** The same as the charts, as tables. */
export function sweepTables({ geometry, masks }, alpha) {
  const sweep = geometry?.sweep ?? [];
  const held = masks?.[alpha];
  return [
    sweep.length > 0 &&
      subspacesTable('Figures of the subspaces against k', sweep, 'Gap', ({ gap }) => number(gap)),
    held?.sweep?.length > 0 &&
      facts(
        `Changed weights in masks against k, α = ${held.alpha}`,
        ['k', ...MASKS.map(([, name]) => name)],
        held.sweep.map((one) => [
          String(one.k),
          ...MASKS.map(([kind]) => cell(percent, one[kind].overlap, one[kind].chance)),
        ]),
      ),
  ].filter(Boolean);
}
