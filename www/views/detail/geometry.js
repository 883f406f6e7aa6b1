// Spectra, shifts and rotations of one matrix.
import { curves } from '../../charts/curves.js';
import { chartAngles, chartVectors } from '../../charts/rotations.js';
import { chartSpectra, chartUpdate } from '../../charts/spectra.js';
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

/**
 * @param {Geometry} geometry
 * @param {ReportedText} reported
 */
function spectra(
  {
    nss,
    nss_top_k: top,
    nss_top_k_uncertainty: uncertainty,
    nss_interval: [low, high],
    k,
    chance,
    ...geometry
  },
  reported,
) {
  const leading = `${within(number, top, uncertainty)}${chanceInBrackets(chance.nss_top_k)}`;
  const known =
    nss === null || nss === undefined
      ? `NSS of the top ${k} is ${leading}; of the whole spectrum, certified, ${number(low)} ` +
        `to ${number(high)}`
      : `NSS ${number(nss)}${chanceInBrackets(chance.nss)}; of the top ${k}: ${leading}`;
  const { title, drawing, series } = chartSpectra(geometry);
  return figure(title, drawing, {
    series,
    beside: `${known}.${ifReported(reported.nss, (text) => ` Published magnitudes: ${text}.`)}`,
  });
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
function updateSpectrum(tensor) {
  const chart = chartUpdate(tensor);
  if (!chart) return null;
  const { stable_rank: rank, spectrum_error: error, share_top_k: share, chance } = chart.update;
  const about = [
    `Stable rank ${number(rank)}${chanceInBrackets(chance?.stable_rank)}`,
    share !== null &&
      share !== undefined &&
      `${percent(share)}${chanceInBrackets(chance?.share_top_k, percent)} of ‖Δ‖² in its own top k`,
    typeof error === 'number' && error > 0 && `relative error up to ${number(error)}`,
  ];
  return figure(chart.title, chart.drawing, {
    beside:
      `${about.filter(Boolean).join('; ')}. The dashed line is where independent entries of ` +
      'the same size would start.',
  });
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
  const { rotation_max: most, rotation_median: median, chance } = geometry;
  const { title, drawing, series } = chartAngles(geometry);
  return figure(title, drawing, {
    series,
    beside:
      `Largest ${degrees(most)}${angleChanceInBrackets(chance)}, median ` +
      `${degrees(median)}${chanceInBrackets(chance.rotation_median, degrees)}; ` +
      `${describeResolution(geometry)}. ` +
      `${ifReported(reported.rotation, (text) => `Published for one layer: ${text}. `)}` +
      `Unrelated subspaces are near 90°.${describeAngleChance(chance)}`,
  });
}

/** @param {Geometry} geometry */
function vectors(geometry) {
  const {
    vector_rotation_left: left,
    vector_rotation_uncertainty: uncertainties,
    chance: { vectors_left: byLeft, vectors_right: byRight },
  } = geometry;
  const without = [
    ...new Set(
      [byLeft, byRight].flatMap((levels) =>
        (levels ?? []).flatMap((level, i) => (level === null ? [i + 1] : [])),
      ),
    ),
  ].length;
  const dashed = byLeft?.some((level) => level !== null)
    ? ' Dashed: a random update of the same size, first order.'
    : '';
  const doubt = uncertainties?.length
    ? ` Uncertainty ${extremes(uncertainties).map(degrees).join(' to ')}.`
    : '';
  const none = without
    ? ` None for ${without} of ${left.length} vectors, ` +
      'whose neighbours are so near that first order says nothing.'
    : '';
  const { title, drawing, series } = chartVectors(geometry);
  return figure(title, drawing, {
    series,
    dots: true,
    beside:
      'Reference: 0° where nothing turned, near 90° for unrelated vectors. Neighbours of ' +
      `nearly equal σ may swap without the subspace turning.${doubt}${dashed}${none}`,
  });
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
  geometry
    ? [
        angles(geometry, reported),
        geometry.vector_rotation_left.length ? vectors(geometry) : null,
      ].filter(Boolean)
    : [];
