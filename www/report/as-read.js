// A metric of the table and of a tensor's overview, as the heatmap reads it.
import { coversAll } from './directions.js';
import { COMPLEMENTS, OF_SUBSPACE, labelOf } from './readings.js';

/** @import { Metric } from './metrics.js' */

/** What a tensor whose directions k covers says instead of a value. */
export const COVERED = 'k covers all directions';

/** @type {WeakMap<Metric, Metric>} */
const turned = new WeakMap();

/**
 * A metric as it is read against a random update: principal energy instead of what lies off the
 * principals, and no value where k covers all directions.
 * @param {Metric} metric
 * @returns {Metric}
 */
export function asRead(metric) {
  if (!OF_SUBSPACE.has(metric.id)) return metric;
  const known = turned.get(metric);
  if (known) return known;
  const { value, chance, uncertainty } = metric;
  /** @type {(read: Metric['value']) => Metric['value']} */
  const turn = (read) => (tensor, alpha) => {
    const found = coversAll(tensor) ? null : read(tensor, alpha);
    return found !== null && metric.id in COMPLEMENTS ? 1 - found : found;
  };
  /** @type {Metric} */
  const read = {
    ...metric,
    label: labelOf(metric),
    value: turn(value),
    chance: chance && turn(chance),
    // What has no value has no error either.
    uncertainty:
      uncertainty && ((tensor, alpha) => (coversAll(tensor) ? null : uncertainty(tensor, alpha))),
  };
  turned.set(metric, read);
  return read;
}
