// The attention heads of one matrix, each by itself.
import { headBars } from '../../charts/heads.js';
import { degrees, formatRange, number, percent, signed } from '../../report/format.js';
import { defined, extremes, mean } from '../../report/means.js';
import { chanceInBrackets } from '../../report/chance.js';
import { figure } from '../parts/figure.js';

/** @import { Detailed, Heads } from '../../report/model.js' */
/** @import { Format } from '../../report/format.js' */
/** @import { KeyEntry } from '../../charts/curves.js' */

/** @type {KeyEntry[]} */
const KEY = [
  { name: 'observed', colour: 'var(--series-1)', mark: 'full' },
  { name: 'random update', colour: 'var(--series-2)', mark: 'solid' },
];

/**
 * @param {Heads} heads
 * @param {Detailed} tensor
 */
function densities({ axis, size, density, labels }, { shape, precision }) {
  const own = 1 - (precision?.sparsity_bf16 ?? 0);
  const weights = size * (axis === 'rows' ? shape[1] : shape[0]);
  const deviation = 2 * Math.sqrt((own * (1 - own)) / weights);
  const label = 'Changed weights by head';
  const values = density.map((share) => (share === null ? null : share - own));
  const [least, most] = extremes(defined(density));
  return figure(
    label,
    headBars({
      label,
      y: 'less the matrix’s own share, points',
      percent: true,
      values,
      level: 0,
      band: [-deviation, deviation],
      labels,
      text: (head) => `${percent(density[head])}, ${signed((density[head] - own) * 100)} points`,
    }),
    {
      beside:
        `0 is the matrix’s own share, ${percent(own)}: what every head would have at random; ` +
        'shaded ± 2 standard deviations of independent changes. ' +
        `Heads have ${percent(least)} to ${percent(most)}.`,
    },
  );
}

/**
 * A value of each head beside the mean, which heads that are alike would all have.
 * @param {string} label
 * @param {string} y
 * @param {object} bars
 * @param {string[]} [bars.labels]
 * @param {(number | null)[]} bars.values
 * @param {(number | null)[]} [bars.chance] A level for each head.
 * @param {Format} bars.format
 * @param {string} bars.beside
 * @param {string} bars.because What chance is.
 * @param {(head: number) => string} [bars.more] Ends the tooltip.
 */
function likeBars(label, y, { labels, values, chance, format, beside, because, more = () => '' }) {
  const level = mean(values);
  if (level === null) return null;
  const levels = defined(chance ?? []);
  const strokes = levels.length
    ? ` Strokes: ${because}, ${formatRange(extremes(levels), format)}.`
    : '';
  const lacking = (chance ?? []).length - levels.length;
  const subject = levels.length ? `${lacking} of ${chance?.length} heads have` : 'There is';
  const without = lacking ? ` ${subject} no random baseline, because there is no gap at k.` : '';
  return figure(
    label,
    headBars({
      label,
      y,
      values,
      level,
      chance: chance ?? [],
      labels,
      text: (head) =>
        `${format(values[head])}${chanceInBrackets(chance?.[head], format)}, mean of the ` +
        `heads ${format(level)}${more(head)}`,
    }),
    {
      swatches: levels.length ? KEY : [],
      beside:
        `${beside}${strokes}${without} Dashed: ${format(level)}, the mean of the heads, which ` +
        'heads that are alike would all have.',
    },
  );
}

/**
 * Where the gap at k is small, the subspace of a head is hardly defined.
 * @param {Heads} heads
 */
function describeGaps({ k, size, gap }) {
  if (!gap?.length) return '';
  if (Math.min(...gap) === 1) return k === size ? ' It is all of the head.' : '';
  return (
    ` Gaps at k ${number(Math.min(...gap))} to ${number(Math.max(...gap))}: where that is ` +
    'small, a large angle says little.'
  );
}

/** @param {Detailed} tensor */
export function headFigures(tensor) {
  const { heads } = tensor;
  if (!heads?.count) return [];
  const side = heads.axis === 'rows' ? 'right' : 'left';
  return [
    densities(heads, tensor),
    likeBars(`Rotation by head, k = ${heads.k}`, 'degrees', {
      labels: heads.labels,
      values: heads.rotation,
      chance: heads.rotation_chance,
      format: degrees,
      beside:
        `Largest principal angle of each head’s own rank-${heads.k} subspace on the hidden ` +
        `side (${side} vectors).${describeGaps(heads)}`,
      because:
        `a random update of the head’s own norm (mean of ${tensor.geometry?.chance.draws ?? 8} ` +
        'seeded draws, first order)',
      more: (head) => (heads.gap ? `, gap ${number(heads.gap[head])}` : ''),
    }),
    likeBars('NSS by head', 'NSS', {
      labels: heads.labels,
      values: heads.nss,
      chance: heads.nss_chance,
      format: number,
      beside: `Of each head’s own block of ${heads.size} ${heads.axis}, whole spectrum.`,
      because: 'a random update of the head’s own norm, first order',
    }),
  ].filter(Boolean);
}
