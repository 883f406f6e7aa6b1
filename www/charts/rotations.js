// How far the principal subspaces of one matrix turned, and each of their vectors, as charts. What
// is said beside them is for who shows them.
import { curves } from './curves.js';

/** @import { Geometry } from '../report/model.js' */

/** @param {Geometry} geometry */
export function chartAngles({
  angles_left: left,
  angles_right: right,
  rotation_max: most,
  uncertainty,
  resolved,
  chance,
}) {
  const series = [
    { name: 'left', values: left, chance: chance.angles_left ?? undefined },
    { name: 'right', values: right, chance: chance.angles_right ?? undefined },
  ];
  /** @type {[number, number] | null} */
  const band =
    resolved && typeof uncertainty === 'number' && Number.isFinite(uncertainty) && uncertainty > 0
      ? [Math.max(0, most - uncertainty), Math.min(90, most + uncertainty)]
      : null;
  const label = 'Principal angles, left and right';
  return {
    title: 'Principal angles',
    series,
    drawing: curves({ label, series, y: 'degrees', band, zero: true }),
  };
}

/** @param {Geometry} geometry */
export function chartVectors({ vector_rotation_left: left, vector_rotation_right: right, chance }) {
  const series = [
    { name: 'u', values: left, chance: chance.vectors_left ?? undefined },
    { name: 'v', values: right, chance: chance.vectors_right ?? undefined },
  ];
  const title = 'Rotation of each singular vector';
  return {
    title,
    series,
    drawing: curves({ label: title, series, y: 'degrees', dots: true, zero: true }),
  };
}
