// Every metric against a random update of the same size, all runs on one axis of ratios; beside it
// the values themselves among published ones, each on its own axis.
import { rove } from '../dom/rove.js';
import { s } from '../dom/svg.js';
import { ratioAxis, ratioTick } from './log-axis.js';
import { publishedStrip } from './published.js';
import { runDots } from './run-dots.js';
import { withTips } from './tip.js';

/** @import { Child } from '../dom/elements.js' */
/** @import { PublishedAxis } from './published.js' */

/**
 * @typedef {object} DotRow
 * @property {string} key
 * @property {string} label
 * @property {string} spoken All of its values in words.
 * @property {boolean} pressed
 * @property {{ run: number, ratio: number, noise: boolean }[]} dots
 * @property {number | null} reach How far noise moves a random update, as a share of it.
 * @property {string | null} text What stands on the line where there are no dots.
 * @property {{ axis: PublishedAxis, values: { run: number, value: number }[] } | null} published
 * @property {() => Child[]} tip
 */

/** Below this width a row stacks: its label, its line, its published values. */
const NARROW = 560;
const HEADER = 22;

/** @param {number} width @param {boolean} published */
function layOut(width, published) {
  const narrow = width < NARROW;
  const label = narrow ? 0 : 168;
  const strip = published
    ? narrow
      ? Math.min(130, width * 0.36)
      : Math.min(190, width * 0.26)
    : 0;
  const right = width - 4 - (strip ? strip + 18 : 0);
  return {
    narrow,
    label,
    left: label + 4,
    right,
    strip,
    height: narrow ? 58 : 40,
    line: narrow ? 46 : 29,
  };
}

/**
 * @param {object} chart
 * @param {DotRow[]} chart.rows
 * @param {number} chart.width
 * @param {string} chart.label What the chart is, in words.
 * @param {(key: string) => void} chart.onchoose
 * @returns {HTMLElement}
 */
export function dotChart({ rows, width, label, onchoose }) {
  const frame = layOut(
    width,
    rows.some(({ published }) => published),
  );
  const { left, right } = frame;
  const axis = ratioAxis(
    rows.flatMap(({ dots }) => dots.map(({ ratio }) => ratio)),
    left + 10,
    right - 10,
  );
  const height = HEADER + rows.length * frame.height + 4;
  const bottom = HEADER + rows.filter(({ dots }) => dots.length).length * frame.height;
  const parts = rows.map((row, i) => drawRow(row, HEADER + i * frame.height, width, frame, axis));
  const chart = s(
    'svg',
    {
      class: 'dots-chart',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': label,
    },
    axis.ticks.map((tick) => [
      s('line', {
        class: tick === 1 ? 'dots-random' : 'dots-tick',
        x1: axis.place(tick),
        x2: axis.place(tick),
        y1: HEADER - 4,
        y2: Math.max(bottom, HEADER),
      }),
      s(
        'text',
        { class: 'dots-scale', x: axis.place(tick), y: 13, 'text-anchor': 'middle' },
        tick === 1 ? '1× random' : ratioTick(tick),
      ),
    ]),
    frame.strip > 0 &&
      s(
        'text',
        { class: 'dots-scale', x: width - 4 - frame.strip / 2, y: 13, 'text-anchor': 'middle' },
        'published',
      ),
    parts,
  );
  const tips = withTips(chart, 'chart-tip');
  rows.forEach(({ key, tip }, i) => {
    tips.on(parts[i], tip);
    parts[i].addEventListener('click', () => onchoose(key));
  });
  rove(
    parts,
    rows.findIndex(({ pressed }) => pressed),
  );
  return tips.place;
}

/**
 * @param {DotRow} row
 * @param {number} top
 * @param {number} width
 * @param {ReturnType<typeof layOut>} frame
 * @param {import('./log-axis.js').RatioAxis} axis
 */
function drawRow(row, top, width, frame, axis) {
  const { left, right, strip, height } = frame;
  const y = top + frame.line;
  const { dots, reach, published, text, pressed } = row;
  return s(
    'g',
    {
      class: 'dots-row',
      role: 'button',
      'aria-label': row.spoken,
      'aria-pressed': String(pressed),
      'data-key': `dots ${row.key}`,
    },
    s('rect', {
      class: 'dots-hit',
      x: 0.5,
      y: top + 0.5,
      width: width - 1,
      height: height - 1,
      rx: 4,
    }),
    s(
      'text',
      {
        class: 'dots-label',
        x: 6,
        y: frame.narrow ? top + 16 : y,
        'dominant-baseline': frame.narrow ? null : 'central',
      },
      row.label,
    ),
    dots.length > 0 && s('line', { class: 'dot-line', x1: left, x2: right, y1: y, y2: y }),
    dots.length > 0 &&
      reach !== null &&
      reach > 0 &&
      s('rect', {
        class: 'dots-noise',
        x: axis.place(1 - reach),
        y: y - 5,
        width: Math.max(1, axis.place(1 + reach) - axis.place(1 - reach)),
        height: 10,
      }),
    text !== null &&
      s('text', { class: 'dots-text', x: left + 6, y, 'dominant-baseline': 'central' }, text),
    runDots({
      dots: dots.map(({ run, ratio, noise }) => ({
        run,
        x: axis.place(ratio),
        hollow: noise,
        beyond: axis.beyond(ratio),
      })),
      y,
      left,
      right,
    }),
    published && publishedStrip({ ...published, y, left: width - 4 - strip, right: width - 8 }),
  );
}
