// Where the energy of the shown runs' updates lies: by layer, and by module beside its size.
import { layerChart } from '../charts/energy.js';
import { moduleChart } from '../charts/energy-modules.js';
import { h } from '../dom/elements.js';
import {
  divideByLayer,
  divideByModule,
  findConcentration,
  hasWord,
  listLayers,
  listModules,
  toggleWord,
  withoutWords,
} from '../report/energy.js';
import { readsAsCast } from '../report/cast.js';
import { describePart } from '../report/extent.js';
import { filterLike } from '../report/filter.js';
import { counted, enumerate, percent } from '../report/format.js';
import { hasBase } from '../report/listed.js';
import { roundShare, roundTimes } from '../report/rounding.js';
import { nameRun } from '../report/run-names.js';
import { hiddenTable, method, runKey } from './parts.js';

/** @import { Choose, View } from './view.js' */
/** @import { Group, Share } from '../report/energy.js' */
/** @import { Tensor } from '../report/model.js' */

/**
 * A shown run with the tensors that a chart is of.
 * @typedef {object} Shown
 * @property {number} run
 * @property {string} name
 * @property {Tensor[]} tensors
 * @property {Set<string>} kept The groups in which the whole filter keeps a tensor.
 * @property {Map<string, Share>} shares
 */

/**
 * The tensors of a chart: all that the filter keeps, but for its words that the chart itself sets,
 * so that what was not chosen stays in sight.
 * @param {View} view
 * @param {'layer' | 'module'} kind
 * @returns {Shown[]}
 */
function showRuns({ report, runs, run: focus, alpha, filter }, kind) {
  const rest = withoutWords(filter, kind);
  const divide = kind === 'layer' ? divideByLayer : divideByModule;
  return runs.map((run) => {
    /** @param {string} text */
    const keep = (text) =>
      filterLike(report.runs[run].tensors, report.runs[focus].tensors, text, alpha);
    const tensors = keep(rest);
    return {
      run,
      name: nameRun(report, run),
      tensors,
      kept: new Set(divide(keep(filter)).keys()),
      shares: divide(tensors),
    };
  });
}

/** @param {Share | undefined} share */
const describeShare = (share) =>
  share
    ? `${percent(share.energy)} of ‖Δ‖², ${percent(share.weights)} of the weights` +
      `${share.ratio === null ? '' : `: ${roundTimes(share.ratio)} its size`}; ` +
      counted(share.tensors, 'tensor')
    : 'nothing compared';

/**
 * @param {Group} group
 * @param {Shown[]} shown
 * @param {string} title
 * @param {boolean} pressed
 */
const placeOf = (group, shown, title, pressed) => ({
  key: group.word,
  label: group.label,
  apart: group.layer === null,
  pressed,
  spoken: `${title}. ${shown
    .map(({ name, shares }) => `${name}: ${describeShare(shares.get(group.key))}`)
    .join('. ')}`,
  tip: () => [
    h('strong', {}, title),
    ...shown.map((one) =>
      h('p', {}, runKey([one], false), ` ${describeShare(one.shares.get(group.key))}`),
    ),
  ],
});

/** @param {Group} group */
const titleOf = ({ layer, label }) => (layer === null ? label : `Layer ${label}`);

/**
 * The tensors of runs of which a part was compared, in the words of a heading: no claim is made of
 * what is not the whole. Null where all shown runs are whole.
 * @param {View} view
 * @param {Shown[]} shown
 */
function nameParts({ report, run: focus }, shown) {
  if (readsAsCast(report, focus)) return 'rounding between two dtypes';
  if (!shown.some(({ run }) => describePart(report, report.runs[run]))) return null;
  const counts = new Set(
    shown.map(({ shares }) => [...shares.values()].reduce((all, { tensors }) => all + tensors, 0)),
  );
  const state = report.partial ? 'finished' : 'compared';
  const [known] = counts;
  return counts.size === 1 ? counted(known, `${state} tensor`) : `${state} tensors`;
}

/**
 * What of a run's energy is in the layers that the reader chose.
 * @param {Shown} focus
 * @param {Group[]} chosen
 */
function chosenHeading({ name, shares }, chosen) {
  const energy = chosen.reduce((all, { key }) => all + (shares.get(key)?.energy ?? 0), 0);
  const what =
    chosen.length > 1
      ? `The ${chosen.length} chosen parts hold`
      : `${chosen[0].layer === null ? `The ${chosen[0].label}` : titleOf(chosen[0])} holds`;
  return `${what} ${roundShare(energy)} of ‖Δ‖² of ${name}`;
}

/**
 * @param {View} view
 * @param {Shown[]} shown
 * @param {Group[]} groups
 */
function layerHeading(view, shown, groups) {
  const parts = nameParts(view, shown);
  if (parts) return `Share of ‖Δ‖² of the ${parts}`;
  const moved = shown.filter(
    ({ run, shares }) =>
      !readsAsCast(view.report, run) && [...shares.values()].some(({ energy }) => energy),
  );
  if (!moved.length) return 'No weight moved';
  const focus = shown.find(({ run }) => run === view.run) ?? shown[0];
  const chosen = groups.filter(({ key }) => focus.kept.has(key));
  if (chosen.length > 0 && chosen.length < focus.shares.size) return chosenHeading(focus, chosen);
  if (!chosen.length || groups.length < 2) return 'Share of ‖Δ‖²';
  const held = moved.flatMap(({ name, tensors }) => {
    const found = findConcentration(tensors);
    return found ? [{ name, found }] : [];
  });
  if (!held.length)
    return moved.length === 1
      ? `${moved[0].name} is spread over the layers`
      : 'All runs are spread over the layers';
  const [{ name, found }] = held.sort((a, b) => b.found.energy - a.found.energy);
  const { layer, label } = found.group;
  return `${name} is concentrated in ${layer === null ? `the ${label}` : `layer ${label}`}`;
}

/** A module that moved this many times its size stands out. */
const MUCH = 1.25;

/**
 * @param {View} view
 * @param {Shown[]} shown
 * @param {Group[]} groups
 */
function moduleHeading(view, shown, groups) {
  const parts = nameParts(view, shown);
  if (parts) return `‖Δ‖² for its size, of the ${parts}`;
  const { name, shares, kept } = shown.find(({ run }) => run === view.run) ?? shown[0];
  const chosen = groups.filter(({ key }) => kept.has(key));
  const alone = chosen.length === 1 ? (shares.get(chosen[0].key)?.ratio ?? null) : null;
  if (alone !== null)
    return `In ${name}, ${chosen[0].label} holds ${roundTimes(alone)} the energy of its size`;
  const most = chosen
    .flatMap(({ key, label }) => {
      const { ratio = null } = shares.get(key) ?? {};
      return ratio !== null && ratio >= MUCH ? [{ label, ratio }] : [];
    })
    .sort((a, b) => b.ratio - a.ratio)
    .slice(0, 2)
    .map(({ label }) => label);
  return most.length
    ? `In ${name}, ${enumerate(most)} moved most for ${most.length === 1 ? 'its' : 'their'} size`
    : `In ${name}, no kind of module stands out for its size`;
}

/**
 * @param {View} view
 * @param {Choose} choose
 * @param {number} width
 * @param {number} [height] Of what stands beside it.
 */
function drawLayers(view, choose, width, height) {
  const shown = showRuns(view, 'layer');
  const groups = listLayers(shown.map(({ tensors }) => tensors));
  const places = groups.map((group) =>
    placeOf(group, shown, titleOf(group), hasWord(view.filter, 'layer', group.word)),
  );
  return h(
    'div',
    { class: 'energy-half' },
    h('h3', {}, layerHeading(view, shown, groups)),
    h(
      'p',
      { class: 'energy-note' },
      'Share of ‖Δ‖² by layer.',
      h('span', { 'data-not-exported': '' }, ' Choose one to see it alone.'),
      ' ',
      runKey(shown),
    ),
    layerChart({
      places,
      runs: shown.map(({ run, shares }) => ({
        run,
        values: groups.map(({ key }) => shares.get(key)?.energy ?? null),
      })),
      width,
      height,
      label: 'Share of the energy of the update by layer',
      onchoose: ({ key }) => choose({ filter: toggleWord(view.filter, 'layer', key) }),
    }),
    tableOf('Share of the energy of the update by layer', groups, shown),
  );
}

/**
 * @param {View} view
 * @param {Choose} choose
 * @param {number} width
 */
function drawModules(view, choose, width) {
  const shown = showRuns(view, 'module');
  const groups = listModules(shown.map(({ tensors }) => tensors));
  const places = groups.map((group) =>
    placeOf(group, shown, group.label, hasWord(view.filter, 'module', group.word)),
  );
  return h(
    'div',
    { class: 'energy-half' },
    h('h3', {}, moduleHeading(view, shown, groups)),
    h('p', { class: 'energy-note' }, 'Share of ‖Δ‖² over share of the weights; 1× is as its size.'),
    moduleChart({
      places,
      runs: shown.map(({ run, shares }) => ({
        run,
        values: groups.map(({ key }) => shares.get(key)?.ratio ?? null),
      })),
      width,
      label: 'Energy of the update by kind of module, over its share of the weights',
      onchoose: ({ key }) => choose({ filter: toggleWord(view.filter, 'module', key) }),
    }),
    tableOf('Energy of the update by kind of module', groups, shown),
  );
}

/**
 * @param {string} caption
 * @param {Group[]} groups
 * @param {Shown[]} shown
 */
const tableOf = (caption, groups, shown) =>
  hiddenTable(
    caption,
    ['Part', ...shown.map(({ name }) => name)],
    groups.map((group) => [
      titleOf(group),
      ...shown.map(({ shares }) => describeShare(shares.get(group.key))),
    ]),
  );

/**
 * Why there is nothing to draw: a heading and a line; null where there is.
 * @param {View} view
 */
function describeNothing({ report, runs }) {
  if (!hasBase(report))
    return [
      'How far the weights moved is not known',
      'That takes the base: a delta alone tells which weights changed.',
    ];
  const moved = runs.some((run) =>
    report.runs[run].tensors.some(({ update }) => (update?.frobenius_update ?? 0) > 0),
  );
  return moved ? null : ['No weight moved', 'The update has no energy to divide.'];
}

/** Below this width the charts stand below each other. */
const BESIDE = 580;
const BETWEEN = 24;

/**
 * The panel `energy`.
 * @param {View} view
 * @param {Choose} choose
 * @returns {HTMLElement}
 */
export function drawEnergy(view, choose) {
  const { width } = view;
  const nothing = describeNothing(view);
  if (nothing)
    return h(
      'section',
      { class: 'energy' },
      h('h3', {}, nothing[0]),
      h('p', { class: 'energy-note' }, nothing[1]),
    );
  const beside = width >= BESIDE;
  const half = beside ? Math.floor((width - BETWEEN) / 2) : width;
  const modules = drawModules(view, choose, half);
  const height = Number(modules.querySelector('svg')?.getAttribute('height'));
  return h(
    'section',
    { class: 'energy' },
    h(
      'div',
      { class: beside ? 'energy-halves' : 'energy-stack' },
      drawLayers(view, choose, half, beside ? height : undefined),
      modules,
    ),
    method(
      'energy',
      'How this is made',
      h(
        'p',
        {},
        '‖Δ‖² of a layer is the sum of squares of what its weights moved, over all of its ' +
          'tensors, vectors too; its share is of all tensors that were compared. A random ' +
          'update with independent entries of one size would give each part its share of the ' +
          'weights: 1×.',
      ),
      h(
        'p',
        {},
        'Embeddings, head and norms that belong to no layer stand apart. Choosing a layer keeps ' +
          'it alone in all panels; choosing it again takes that back.',
      ),
    ),
  );
}
