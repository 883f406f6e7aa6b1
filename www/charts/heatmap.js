// Cells of one colour scale; each can be reached by keyboard and says what it is.
import * as Plot from '@observablehq/plot';
import { logTicks } from './curves.js';
import { cellChance } from '../report/grid.js';
import { formatValue, formatChance } from '../report/metrics.js';
import { ink, scheme } from './theme.js';

const ROW = 26;

function colour(all, one) {
  const values = all
    .map(({ value }) => value)
    .filter((value) => value !== null && Number.isFinite(value));
  const positive = values.filter((value) => value > 0);
  const log = one.scale === 'log' && positive.length > 0 && values.every((value) => value >= 0);
  // On a log scale, 0 (nothing changed) has the lowest colour.
  const [low, high] = [Math.min(...(log ? positive : values)), Math.max(...values)];
  // One value everywhere would leave the scale without a length.
  const domain =
    low < high ? [low, high] : [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  return {
    type: log && domain[0] > 0 ? 'log' : 'linear',
    clamp: true,
    domain: values.length ? domain : [0, 1],
    scheme: scheme(),
  };
}

/** Cells narrower than this have no room for a chance level behind the figure. */
const ROOM_FOR_CHANCE = 88;

function describe(cell, one, alpha) {
  const place = cell.layer === null ? '' : `layer ${cell.layer}, `;
  const [first, ...others] = cell.tensors;
  const alone = others.length === 0;
  const value =
    cell.value === null
      ? 'no value'
      : alone
        ? formatValue(one, first, alpha)
        : one.format(cell.value);
  const level = cellChance(cell, one, alpha);
  const chance = alone
    ? formatChance(one, first, alpha)
    : level === null
      ? null
      : one.format(level);
  const why =
    cell.value === null
      ? (first.geometry_note ??
        first.error ??
        (first.geometry && !first.geometry.resolved ? 'not resolved at this k' : null))
      : null;
  return `${place}${cell.module}: ${value}${chance === null ? '' : ` (chance ${chance})`}${why ? `; ${why}` : ''}`;
}

/** Arrow keys move between cells, Enter opens: one tab stop for the whole figure. */
function keyboard(svg, rects, cells, pick) {
  const place = ({ layer, module }) => `${layer} ${module}`;
  const byPlace = new Map(cells.map((cell, i) => [place(cell), i]));
  const layers = [...new Set(cells.map(({ layer }) => layer))].sort((a, b) => a - b);
  const modules = [...new Set(cells.map(({ module }) => module))];
  const start = Math.max(
    0,
    cells.findIndex(({ selected }) => selected),
  );
  rects.forEach((rect, i) => {
    const cell = cells[i];
    rect.setAttribute('role', 'button');
    rect.setAttribute('tabindex', i === start ? '0' : '-1');
    if (cell.selected) rect.setAttribute('aria-current', 'true');
    rect.addEventListener('click', () => pick(cell));
    rect.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        return pick(cell);
      }
      const [dx, dy] = {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, -1],
        ArrowDown: [0, 1],
      }[event.key] ?? [0, 0];
      if (!dx && !dy) return undefined;
      event.preventDefault();
      const sideways = layers.length === 1 ? [0, dx + dy] : [dx, dy];
      const next = byPlace.get(
        `${layers[layers.indexOf(cell.layer) + sideways[0]]} ${modules[modules.indexOf(cell.module) + sideways[1]]}`,
      );
      if (next === undefined) return undefined;
      rects[i].setAttribute('tabindex', '-1');
      rects[next].setAttribute('tabindex', '0');
      return rects[next].focus();
    });
  });
}

/** The layers across, the modules down; tensors outside layers as a strip of their own. */
export function heatmap({ cells, all, one, layers, modules, alpha, pick, room = 1200 }) {
  const strip = layers[0] === null;
  const color = colour(all, one);
  const scale = Plot.scale({ color });
  const margin = strip
    ? 8
    : Math.min(190, 16 + 6.6 * Math.max(...modules.map((module) => module.length)));
  const width = strip
    ? Math.min(150, Math.max(96, (room - margin - 12) / modules.length))
    : Math.min(92, Math.max(22, (room - margin - 12) / layers.length));
  const hasText = width >= 50;
  const text = (cell) => {
    const chance =
      one.chanceInCell && width >= ROOM_FOR_CHANCE ? cellChance(cell, one, alpha) : null;
    return chance === null
      ? one.format(cell.value)
      : `${one.format(cell.value)} / ${one.format(chance)}`;
  };
  const across = strip ? modules : layers;
  const [x, y] = strip
    ? [(cell) => cell.module, () => 'outside layers']
    : [(cell) => cell.layer, (cell) => cell.module];
  const none = strip ? 'no-value-outside' : 'no-value';
  const filled = (cell) => (cell.value === null ? `url(#${none})` : scale.apply(cell.value));
  const svg = Plot.plot({
    width: margin + 12 + across.length * width,
    height: (strip ? ROW * 1.3 : modules.length * ROW) + 32,
    marginLeft: margin,
    marginRight: 12,
    marginTop: 26,
    marginBottom: 6,
    className: 'heat',
    ariaLabel: `${one.label} by ${strip ? 'tensor outside layers' : 'layer and module'}`,
    x: {
      type: 'band',
      domain: across,
      axis: 'top',
      label: null,
      tickSize: 0,
      padding: 0.06,
      tickFormat: (value) => (strip || width >= 22 || value % 5 === 0 ? String(value) : ''),
    },
    y: {
      type: 'band',
      domain: strip ? ['outside layers'] : modules,
      label: null,
      tickSize: 0,
      padding: 0.08,
      axis: strip ? null : 'left',
    },
    color: { type: 'identity' },
    marks: [
      () => hatch(none),
      strip
        ? null
        : Plot.text(['layer'], {
            frameAnchor: 'top-left',
            textAnchor: 'end',
            dx: -10,
            dy: -17,
            fill: 'var(--quiet)',
          }),
      Plot.cell(cells, {
        x,
        y,
        fill: filled,
        stroke: (cell) => (cell.selected ? 'var(--text)' : 'var(--line)'),
        strokeWidth: (cell) => (cell.selected ? 2 : cell.value === null ? 0.6 : 0),
        rx: 2,
        ariaLabel: (cell) => describe(cell, one, alpha),
        title: (cell) => describe(cell, one, alpha),
      }),
      hasText
        ? Plot.text(
            cells.filter(({ value }) => value !== null),
            { x, y, text, fill: (cell) => ink(scale.apply(cell.value)), pointerEvents: 'none' },
          )
        : null,
    ],
  });
  keyboard(svg, [...svg.querySelectorAll('[aria-label="cell"] rect')], cells, pick);
  return svg;
}

/** Cells that have no figure are hatched: empty would look like the lowest value. */
function hatch(id) {
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  return svg(
    'defs',
    {},
    svg(
      'pattern',
      { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      svg('rect', { width: 6, height: 6, fill: 'var(--panel)' }),
      svg('rect', { width: 1.2, height: 6, fill: 'var(--line-strong)' }),
    ),
  );
}

/** A format without the zeros that end a decimal fraction: 0.5, not 0.500. */
export const short = (format) => (value) =>
  format(value)
    .replace(/(\.\d*?)0+(?!\d)/, '$1')
    .replace(/\.(?!\d)/, '');

/** Of a scale's length: what two labels need between them. */
export const LABEL_ROOM = 0.19;

/** Places on a log scale; its ends too where there are few and none is near. */
export function rampTicks([low, high]) {
  const ticks = logTicks([low, high]);
  const near = (end) =>
    ticks.some((tick) => Math.abs(Math.log(tick / end)) < LABEL_ROOM * Math.log(high / low));
  return ticks.length > 2 ? ticks : [...ticks, ...[low, high].filter((end) => !near(end))];
}

/** The colour scale with its ends in the metric's own format. */
export function legend(all, one) {
  if (!all.some(({ value }) => value !== null)) return null;
  const scale = colour(all, one);
  return Plot.legend({
    color: { ...scale, label: null },
    tickFormat: short(one.format),
    ticks: scale.type === 'log' ? rampTicks(scale.domain) : 4,
    width: 260,
    height: 44,
    marginTop: 14,
    marginBottom: 18,
    marginLeft: 14,
    marginRight: 22,
    className: 'plot',
  });
}
