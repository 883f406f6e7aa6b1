// How far the principal subspaces of one matrix turned, and each of their vectors.
import { curves } from '../charts/curves.js';
import { degrees, number, within } from '../report/format.js';
import { chartOf, drawTensor } from './tensor.js';

/** @import { Geometry } from '../report/model.js' */
/** @import { Panel } from './view.js' */

/**
 * @param {number | null | undefined} level
 * @param {number | null} [deviation]
 */
const random = (level, deviation = null) =>
  typeof level === 'number' ? ` (random ${within(degrees, level, deviation)})` : '';

/**
 * Whether the gap of the spectrum resolves the subspace.
 * @param {Geometry} geometry
 */
function resolution({ resolved, k, nearest_resolved_k: nearest, gap, exact }) {
  if (resolved) return exact ? 'exact' : 'estimated';
  const other = typeof nearest === 'number' ? `; the nearest k that is resolved is ${nearest}` : '';
  return `not resolved at k = ${k} (gap ${number(gap)})${other}`;
}

/** @param {Geometry} geometry */
function angles(geometry) {
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
  const hasBand =
    resolved && typeof uncertainty === 'number' && Number.isFinite(uncertainty) && uncertainty > 0;
  return chartOf({
    title: 'Principal angles',
    series,
    drawing: curves({
      label: 'Principal angles, left and right',
      series,
      y: 'degrees',
      band: hasBand ? [Math.max(0, most - uncertainty), Math.min(90, most + uncertainty)] : null,
      zero: true,
    }),
    text:
      `Largest ${degrees(most)}${random(chance.rotation_max, chance.rotation_max_deviation)}, ` +
      `median ${degrees(median)}${random(chance.rotation_median)}; ${resolution(geometry)}.`,
  });
}

/** @param {Geometry} geometry */
function vectors({ vector_rotation_left: left, vector_rotation_right: right, chance }) {
  const series = [
    { name: 'u', values: left, chance: chance.vectors_left ?? undefined },
    { name: 'v', values: right, chance: chance.vectors_right ?? undefined },
  ];
  const title = 'Rotation of each singular vector';
  return chartOf({
    title,
    series,
    drawing: curves({ label: title, series, y: 'degrees', dots: true, zero: true }),
    text: 'Neighbours of nearly equal σ may swap without the subspace turning.',
  });
}

/** @type {Panel} */
export const drawAngles = (view) =>
  drawTensor(view, {
    isShown: ({ geometry }) => Boolean(geometry),
    draw: ({ geometry }) => (geometry ? [angles(geometry), vectors(geometry)] : []),
    what: 'angles',
  });
