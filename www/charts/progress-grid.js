// A run under way as a grid of layers × modules: what is finished, what is being analysed, what is
// open. It shows no values.
import { h, replace } from '../dom/elements.js';
import { MODULES } from '../report/grid.js';

/** @import { Module } from '../report/model.js' */

/** @typedef {{ name: string, layer: number | null, module: Module }} Placed */

/**
 * @typedef {object} Cell
 * @property {string[]} names Of its tensors.
 * @property {HTMLElement} mark
 */

/** @param {Placed[]} tensors */
function arrange(tensors) {
  const inLayers = tensors.filter(({ layer }) => layer !== null);
  const layers = [...new Set(inLayers.map(({ layer }) => layer ?? 0))].sort((a, b) => a - b);
  const modules = MODULES.filter((module) => inLayers.some((one) => one.module === module));
  return { layers, modules, outside: tensors.filter(({ layer }) => layer === null) };
}

/**
 * A grid for the tensors of a run, and the way to bring it up to date.
 * @param {Placed[]} tensors
 */
export function progressGrid(tensors) {
  const { layers, modules, outside } = arrange(tensors);
  /** @type {Cell[]} */
  const cells = [];
  /** @param {string[]} names */
  const cell = (names) => {
    const mark = h('i', { class: names.length ? 'cell' : 'cell none' });
    if (names.length) cells.push({ names, mark });
    return mark;
  };
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const { name, layer, module } of tensors) {
    const key = `${module} ${layer}`;
    places.set(key, [...(places.get(key) ?? []), name]);
  }
  const rows = modules.flatMap((module) => [
    h('span', { class: 'row-name' }, module),
    ...layers.map((layer) => cell(places.get(`${module} ${layer}`) ?? [])),
  ]);
  const grid = h(
    'div',
    { class: 'grid', style: `--layers: ${layers.length}`, 'aria-hidden': 'true' },
    rows,
    layers.length > 0 && [
      h('span', { class: 'row-name' }, 'layer'),
      layers.map((layer, i) =>
        h(
          'span',
          { class: 'layer-name' },
          i === 0 || i === layers.length - 1 || i % Math.ceil(layers.length / 6) === 0
            ? String(layer)
            : '',
        ),
      ),
    ],
  );
  const rest = h('div', { class: 'outside', 'aria-hidden': 'true' });
  if (outside.length)
    replace(
      rest,
      h('span', { class: 'row-name' }, 'others'),
      outside.map(({ name }) => cell([name])),
    );
  const key = h(
    'p',
    { class: 'legend', 'aria-hidden': 'true' },
    ['finished', 'running', 'open'].map((state) =>
      h('span', {}, h('i', { class: `cell ${state}` }), ` ${state}`),
    ),
  );
  const element = h('div', { class: 'progress-grid', role: 'img' }, grid, rest, key);
  return {
    element,
    /**
     * @param {Set<string>} finished
     * @param {Set<string>} running
     */
    update(finished, running) {
      for (const { names, mark } of cells) {
        const done = names.filter((name) => finished.has(name)).length;
        const busy = done < names.length && names.some((name) => running.has(name));
        mark.style.setProperty('--share', String(done / names.length));
        mark.classList.toggle('finished', done > 0);
        mark.classList.toggle('running', busy);
      }
      element.setAttribute(
        'aria-label',
        `${finished.size} of ${tensors.length} tensors finished, ${running.size} running`,
      );
    },
  };
}
