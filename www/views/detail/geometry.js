// Spectra, shifts and rotations of one matrix.
import { curves } from '../../charts/curves.js';
import { isVisible, degrees, number, percent, within } from '../../report/format.js';
import { extremes } from '../../report/means.js';
import { ifReported } from '../../report/reported-for.js';
import {
  angleChanceInBrackets,
  chanceInBrackets,
  describeAngleChance,
} from '../../report/chance.js';
import { figure } from '../parts/figure.js';

/** @import { Detailed, Geometry } from '../../report/model.js' */
/** @import { ReportedText } from '../../report/reported-for.js' */
/** @import { Series } from '../../charts/curves.js' */

/**
 * @param {Geometry} geometry
 * @param {ReportedText} reported
 */
function spectra(
  {
    spectrum_base: base,
    spectrum_tuned: tuned,
    nss,
    nss_top_k: top,
    nss_top_k_uncertainty: uncertainty,
    nss_interval: [low, high],
    k,
    chance,
  },
  reported,
) {
  /** @type {Series[]} */
  const series = [
    { name: 'base', values: base },
    { name: 'tuned', values: tuned, dashed: true },
  ];
  const leading = `${within(number, top, uncertainty)}${chanceInBrackets(chance.nss_top_k)}`;
  const known =
    nss === null || nss === undefined
      ? `NSS of the top ${k} is ${leading}; of the whole spectrum, certified, ${number(low)} ` +
        `to ${number(high)}`
      : `NSS ${number(nss)}${chanceInBrackets(chance.nss)}; of the top ${k}: ${leading}`;
  return figure(
    'Singular values',
    curves({ label: 'Singular values of base and tuned', series, y: 'σ', log: true }),
    {
      series,
      beside: `${known}.${ifReported(reported.nss, (text) => ` Published magnitudes: ${text}.`)}`,
    },
  );
}

/** @param {Geometry} geometry */
function shift({ spectrum_base: base, spectrum_tuned: tuned, bounds }) {
  const series = [{ name: 'σ(W1) − σ(W0)', values: base.map((value, i) => tuned[i] - value) }];
  return figure(
    'Shift of the singular values',
    curves({
      label: 'Shift of the singular values',
      series,
      y: 'Δσ',
      rules: [{ y: 0, label: '' }],
    }),
    { beside: `Reference: no shift is 0; Weyl allows ± ‖Δ‖₂ = ${number(bounds.weyl.bound)}.` },
  );
}

/** @param {Detailed} tensor */
function updateSpectrum({ shape, update }) {
  if (!update?.spectrum?.length || shape.length !== 2) return null;
  const {
    spectrum,
    frobenius_update: norm,
    stable_rank: rank,
    spectrum_error: error,
    share_top_k: share,
    chance,
  } = update;
  const [m, n] = shape;
  const edge = norm * (1 / Math.sqrt(m) + 1 / Math.sqrt(n));
  const series = [{ name: 'Δ', values: spectrum }];
  const about = [
    `Stable rank ${number(rank)}${chanceInBrackets(chance?.stable_rank)}`,
    share !== null &&
      share !== undefined &&
      `${percent(share)}${chanceInBrackets(chance?.share_top_k, percent)} of ‖Δ‖² in its own top k`,
    typeof error === 'number' && error > 0 && `relative error up to ${number(error)}`,
  ];
  return figure(
    'Singular values of the update',
    curves({
      label: 'Singular values of the update',
      series,
      y: 'σ(Δ)',
      log: true,
      rules: [{ y: edge, label: 'largest of a random update' }],
    }),
    {
      beside:
        `${about.filter(Boolean).join('; ')}. The dashed line is where independent entries of ` +
        'the same size would start.',
    },
  );
}

/**
 * Whether the gap resolves a rotation, or which rank would.
 * @param {Geometry} geometry
 */
export function describeResolution(geometry) {
  const {
    resolved,
    k,
    nearest_resolved_k: nearest,
    rotation_max: most,
    uncertainty,
    gap,
  } = geometry;
  if (resolved && !isVisible(most, uncertainty)) return `gap at k ${number(gap)}`;
  if (resolved)
    return `uncertainty of the largest ${degrees(uncertainty)}; gap at k ${number(gap)}`;
  const other =
    nearest === null || nearest === undefined
      ? 'no k near it is resolved'
      : `nearest resolved k = ${nearest}`;
  return `not resolved at k = ${k} (gap ${number(gap)}); ${other}`;
}

/**
 * @param {Geometry} geometry
 * @param {ReportedText} reported
 */
function angles(geometry, reported) {
  const {
    angles_left: left,
    angles_right: right,
    rotation_max: most,
    rotation_median: median,
    uncertainty,
    resolved,
    chance,
  } = geometry;
  const series = [
    { name: 'left', values: left, chance: chance.angles_left ?? undefined },
    { name: 'right', values: right, chance: chance.angles_right ?? undefined },
  ];
  /** @type {[number, number] | null} */
  const band =
    resolved && typeof uncertainty === 'number' && Number.isFinite(uncertainty) && uncertainty > 0
      ? [Math.max(0, most - uncertainty), Math.min(90, most + uncertainty)]
      : null;
  return figure(
    'Principal angles',
    curves({ label: 'Principal angles, left and right', series, y: 'degrees', band, zero: true }),
    {
      series,
      beside:
        `Largest ${degrees(most)}${angleChanceInBrackets(chance)}, median ` +
        `${degrees(median)}${chanceInBrackets(chance.rotation_median, degrees)}; ` +
        `${describeResolution(geometry)}. ` +
        `${ifReported(reported.rotation, (text) => `Published for one layer: ${text}. `)}` +
        `Unrelated subspaces are near 90°.${describeAngleChance(chance)}`,
    },
  );
}

/** @param {Geometry} geometry */
function vectors({
  vector_rotation_left: left,
  vector_rotation_right: right,
  vector_rotation_uncertainty: uncertainties,
  chance: { vectors_left: byLeft, vectors_right: byRight },
}) {
  const series = [
    { name: 'u', values: left, chance: byLeft ?? undefined },
    { name: 'v', values: right, chance: byRight ?? undefined },
  ];
  const without = [
    ...new Set(
      [byLeft, byRight].flatMap((levels) =>
        (levels ?? []).flatMap((level, i) => (level === null ? [i + 1] : [])),
      ),
    ),
  ].length;
  const dashed = byLeft
    ? ' Dashed: a random update of the same size, first order.'
    : byLeft === null
      ? ' There is no random baseline, because there is no gap at k.'
      : '';
  const doubt = uncertainties?.length
    ? ` Uncertainty ${extremes(uncertainties).map(degrees).join(' to ')}.`
    : '';
  const none = without
    ? ` None for ${without} of ${left.length} vectors, ` +
      'whose neighbours are so near that first order says nothing.'
    : '';
  return figure(
    'Rotation of each singular vector',
    curves({
      label: 'Rotation of each singular vector',
      series,
      y: 'degrees',
      dots: true,
      zero: true,
    }),
    {
      series,
      dots: true,
      beside:
        'Reference: 0° where nothing turned, near 90° for unrelated vectors. Neighbours of ' +
        `nearly equal σ may swap without the subspace turning.${doubt}${dashed}${none}`,
    },
  );
}

/**
 * @param {Detailed} tensor
 * @param {ReportedText} reported As far as it is context.
 */
export const geometryFigures = ({ geometry, ...tensor }, reported) =>
  [
    geometry && spectra(geometry, reported),
    geometry && shift(geometry),
    tensor.update && updateSpectrum({ ...tensor, geometry }),
  ].filter(Boolean);

/**
 * @param {Detailed} tensor
 * @param {ReportedText} reported As far as it is context.
 */
export const rotationFigures = ({ geometry }, reported) =>
  geometry ? [angles(geometry, reported), vectors(geometry)].filter(Boolean) : [];
