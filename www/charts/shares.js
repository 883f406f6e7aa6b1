// Shares of weights: along rows and columns, by distance, and by magnitude.
import * as Plot from '@observablehq/plot';
import { number, percent } from '../report/format.js';
import { FRAME, fitted } from './fitted.js';
import { DASHED } from './series.js';
import { tickFormat } from './ticks.js';

/** @import { Decile, Profile, UlpHistogram } from '../report/model.js' */
/** @import { Drawing } from './fitted.js' */

/**
 * The middle of a place on a scale of bands.
 * @param {ReturnType<Drawing['scale']>} scale
 * @param {unknown} place
 */
const middleOf = (scale, place) => scale?.apply(place) + (scale?.bandwidth ?? 0) / 2;

/**
 * @param {number | null | undefined} from
 * @param {number | null | undefined} to
 */
const nameBin = (from, to) => {
  if (from === null || from === undefined) return `≤ ${to}`;
  if (to === null || to === undefined) return `≥ ${from}`;
  return from === to ? String(from) : `${from} … ${to}`;
};

/**
 * Signed distances in bf16 codes; counts on a log scale, since one bin may hold nearly all.
 * @param {UlpHistogram} histogram
 * @param {number} total
 */
export function histogram({ from, to, counts }, total) {
  const used = counts.flatMap((n, i) => (n > 0 ? [i] : []));
  if (!used.length) return null;
  const bins = counts
    .map((n, i) => ({ bin: nameBin(from[i], to[i]), n, zero: from[i] === 0 && to[i] === 0 }))
    .slice(used[0], used[used.length - 1] + 1);
  const step = Math.ceil(bins.length / 11);
  const middle = bins.findIndex(({ zero }) => zero);
  /** @param {number} n */
  const describe = (n) => `${n} weights, ${number((100 * n) / total)} %`;
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      marginBottom: 62,
      height: 240,
      ariaLabel: 'Weights by signed distance in bf16 codes',
      x: {
        type: 'band',
        domain: bins.map((filled) => filled.bin),
        label: 'tuned − base, bf16 codes',
        tickRotate: -45,
        tickSize: 0,
        tickFormat: (value, i) =>
          (i - Math.max(0, middle)) % step === 0 ? value.replace('-', '−').split(' … ')[0] : '',
      },
      y: {
        type: 'log',
        label: 'weights',
        tickSize: 3,
        ticks: 4,
        tickFormat: tickFormat(),
        grid: true,
        domain: [0.5, Math.max(1, ...counts)],
      },
      marks: [
        Plot.rectY(
          bins.filter(({ n }) => n > 0),
          {
            x: 'bin',
            y1: 0.5,
            y2: 'n',
            fill: ({ zero }) => (zero ? 'var(--quiet)' : 'var(--series-1)'),
            title: (filled) => `${filled.bin}: ${describe(filled.n)}`,
          },
        ),
      ],
    });
  return fitted(draw, (drawing) =>
    bins.map(({ bin, n }) => ({
      x: middleOf(drawing.scale('x'), bin),
      lines: [`${bin} codes`, describe(n)],
      dots: [],
    })),
  );
}

/**
 * A share of weights along rows or columns, with the band that it would stay in if it did not
 * depend on them.
 * @param {Profile} shares
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.label What the shares run along.
 * @param {number} chart.across Weights of one row or column.
 * @param {number} chart.density The share of all weights.
 * @param {string} [chart.y]
 * @param {number | null} [chart.independent] The whole share by chance, where that is not the share
 * itself.
 */
export function profile(
  { length, values },
  { title, label, across, density, y = 'changed weights, %', independent = null },
) {
  const group = length / values.length;
  const spread = 2 * Math.sqrt((density * (1 - density)) / Math.max(1, across * group));
  const points = values.map((value, i) => ({ x: Math.round(i * group), y: value }));
  const band = [Math.max(0, density - spread), Math.min(1, density + spread)];
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      ariaLabel: title,
      x: { label, domain: [0, Math.max(1, length)], tickSize: 3, ticks: 5 },
      y: { label: y, percent: true, tickSize: 3, ticks: 4, grid: true, tickFormat: tickFormat() },
      marks: [
        Plot.areaY([{ x: 0 }, { x: length }], {
          x: 'x',
          y1: band[0],
          y2: band[1],
          fill: 'var(--band)',
        }),
        Plot.ruleY([density], { stroke: 'var(--quiet)', strokeDasharray: DASHED }),
        Plot.lineY(points, {
          x: 'x',
          y: 'y',
          stroke: 'var(--series-1)',
          strokeWidth: 1.3,
          curve: 'step-after',
        }),
        independent === null
          ? null
          : Plot.ruleY([independent], {
              stroke: 'var(--series-2)',
              strokeDasharray: '2 3',
              strokeWidth: 1.8,
            }),
      ],
    });
  return fitted(draw, (drawing) =>
    points.map(({ x, y: share }) => ({
      x: drawing.scale('x')?.apply(x),
      lines: [
        group > 1
          ? `${label} ${x + 1} to ${Math.min(length, Math.round(x + group))}`
          : `${label} ${x + 1}`,
        percent(share),
        `of all weights: ${percent(density)}`,
        ...(independent === null ? [] : [`independent: ${percent(independent)}`]),
      ],
      dots: [{ y: drawing.scale('y')?.apply(100 * share), colour: 'var(--series-1)' }],
    })),
  );
}

/**
 * Share of changed weights per tenth of the weights by magnitude, beside the tensor's own share.
 * @param {Decile[]} tenths
 * @param {number} density
 */
export function deciles(tenths, density) {
  /** @type {(tenth: Decile) => string} */
  const describe = ({ upper, changed }) => {
    const end = typeof upper === 'number' ? number(upper) : '∞ in bf16';
    return `up to |W0| = ${end}: ${number(changed * 100)} %`;
  };
  /** @param {number} width */
  const draw = (width) =>
    Plot.plot({
      ...FRAME,
      width,
      ariaLabel: 'Changed weights by magnitude decile',
      x: { type: 'band', label: 'decile of |W0|, smallest first', tickSize: 0 },
      y: {
        percent: true,
        label: 'changed weights, %',
        tickSize: 3,
        ticks: 4,
        grid: true,
        tickFormat: tickFormat(),
        zero: true,
        nice: true,
      },
      marks: [
        Plot.barY(tenths, {
          x: (_, i) => i + 1,
          y: 'changed',
          fill: 'var(--series-1)',
          title: describe,
        }),
        Plot.ruleY([density], { stroke: 'var(--text)', strokeDasharray: DASHED }),
        Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      ],
    });
  return fitted(draw, (drawing) =>
    tenths.map((tenth, i) => ({
      x: middleOf(drawing.scale('x'), i + 1),
      lines: [`decile ${i + 1}`, describe(tenth), `of all weights: ${percent(density)}`],
      dots: [],
    })),
  );
}
