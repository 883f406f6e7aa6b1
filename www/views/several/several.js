// What several runs of one base have in common: the model, and the tensor that the detail view
// shows.
import { breakable, h, replace } from '../../dom/elements.js';
import { count, counted, enumerate, number, signed } from '../../report/format.js';
import { describePartOfRuns } from '../../report/extent.js';
import { hasBase, findVersions } from '../../report/listed.js';
import { hasOverlaps, modelOverlap } from '../../report/overlaps.js';
import { REPORTED } from '../../report/reported.js';
import { allWholeRuns, areSteps } from '../../report/comparison.js';
import { onTheme } from '../../charts/theme.js';
import { loadTensor } from '../../report/details.js';
import { store } from '../../app/state.js';
import { info, withInfo } from '../parts/info.js';
import { pairMaps } from './pairs.js';
import { trajectories } from './trajectory.js';
import { cards, figures } from './figures.js';
import { reportedTable } from './tables.js';
import { modelSteps, tensorSteps } from './steps.js';

/** @import { Detailed, Report, Tensor } from '../../report/model.js' */
/** @import { State } from '../../app/state.js' */
/** @import { Part } from '../parts/part.js' */

/**
 * Of many, the first and the last are enough.
 * @param {number[]} versions
 */
const describeVersions = (versions) =>
  `Steps ${versions.length > 4 ? `${versions[0]} to ${versions.at(-1)}` : enumerate(versions)}`;

/** @param {string[]} terms */
const badges = (terms) =>
  h(
    'p',
    { class: 'badges' },
    terms.map((term) => h('span', {}, term)),
  );

/** @param {Report} report */
const namesOf = ({ runs }) => runs.map(({ checkpoint }) => checkpoint.name);

/**
 * What counts as changed.
 * @param {Report} report
 */
const gateOf = (report) =>
  hasBase(report) ? `η = ${report.settings.eta}` : 'stored bits, by the layout';

/**
 * @param {Report} report
 * @param {Tensor[]} tensors
 */
function modelPart(report, tensors) {
  const entry = modelOverlap(report);
  const part = describePartOfRuns(report);
  const title = h(
    'h4',
    { class: 'part', id: 'several-model' },
    part === null ? 'Model' : `The ${part}`,
  );
  if (!entry)
    return [
      title,
      h('p', { class: 'note' }, 'No tensor is in all runs, so there are no values of the model.'),
    ];
  const shared = (report.overlaps ?? []).filter(
    ({ name, runs }) => name !== null && runs.length === entry.runs.length,
  ).length;
  const dtype = [...new Set(tensors.map((tensor) => tensor.dtype))].join(', ');
  const names = entry.runs.map((run) => report.runs[run].checkpoint.name);
  return [
    title,
    modelSteps(entry, namesOf(report), part),
    areSteps(report) && trajectories(report),
    h('div', { class: 'pair-maps' }, pairMaps(entry, names)),
    cards(entry, { gate: gateOf(report), dtype, part }),
    h(
      'div',
      { class: 'about' },
      `Summed over the ${counted(shared, 'tensor')} that all runs have${
        entry.parameters ? `, ${count(entry.parameters)} weights. ` : '.'
      }`,
      entry.parameters > 0 &&
        info(
          'sums over tensors',
          'The level of independent runs keeps each tensor’s own densities, so that runs that ' +
            'change the same tensors do not differ from it by that alone.',
        ),
    ),
    figures(entry, names, null, allWholeRuns(report) ? reportedTable(tensors) : null),
  ];
}

/**
 * @param {Report} report
 * @param {Detailed} tensor
 */
function tensorPart(report, tensor) {
  const { overlap: entry } = tensor;
  const title = h(
    'h4',
    { class: 'part', id: 'several-tensor' },
    h('code', {}, breakable(tensor.name)),
  );
  if (!entry)
    return [
      title,
      h('p', { class: 'note' }, 'Fewer than two runs have this tensor, so nothing can be shared.'),
    ];
  const names = entry.runs.map((run) => report.runs[run].checkpoint.name);
  const [jaccard, chance] = REPORTED.jaccard.modules[tensor.module] ?? [];
  const reported =
    jaccard === undefined ||
    chance === undefined ||
    !allWholeRuns(report) ||
    tensor.shape.length !== 2
      ? undefined
      : `published for ${tensor.module} in block 13 of five RLVR runs: ${number(jaccard)}, ` +
        `independent runs ${number(chance)}, excess ${signed(jaccard - chance)}`;
  const missing =
    entry.runs.length < report.runs.length &&
    h('p', { class: 'note' }, `Only ${enumerate(names)} have this tensor.`);
  return [
    title,
    missing,
    tensorSteps(entry, modelOverlap(report), namesOf(report), describePartOfRuns(report)),
    h('div', { class: 'pair-maps' }, pairMaps(entry, names)),
    cards(entry, { gate: gateOf(report), dtype: tensor.dtype, reported }),
    figures(entry, names, tensor.shape),
  ];
}

/** @param {Report} report */
function describeQuestion(report) {
  const versions = findVersions(report);
  if (areSteps(report))
    return (
      `What did each step change? Checkpoints in this order: ${enumerate(namesOf(report))}. ` +
      'Pairs below are compared by all that changed since the base: a checkpoint inherits from ' +
      'those before it, so levels of independent runs are no measure of agreement here.'
    );
  return (
    `Do the ${versions ? 'steps' : 'runs'} change the same weights` +
    (hasBase(report)
      ? ', and in the same direction? '
      : '? In which direction is not known without the base. ') +
    (versions
      ? 'By their versions each follows the one before; that they are of one run can’t be ' +
        'told from the files. '
      : '') +
    `All values here are of ${enumerate(namesOf(report))} together.`
  );
}

/** @param {Report} report */
function titleOf(report) {
  const versions = findVersions(report);
  if (areSteps(report)) return 'Steps of one run';
  return versions ? describeVersions(versions) : 'Agreement between runs';
}

/**
 * All runs together, and the tensor that is open.
 * @returns {Part}
 */
export function severalPart() {
  const model = h('section', { 'aria-labelledby': 'several-model' });
  const selected = h('section', { 'aria-labelledby': 'several-tensor' });
  const about = h('div', { class: 'about' });
  const terms = h('div', {});
  const title = h('h3', { id: 'several-title', tabIndex: -1 });
  const nothing = h(
    'p',
    { class: 'note' },
    'The report does not say what its runs have in common.',
  );
  const element = h(
    'section',
    { id: 'several', 'aria-labelledby': 'several-title' },
    title,
    nothing,
    about,
    terms,
    model,
    selected,
  );
  /** @type {Report | null} */
  let seen = null;

  /** @param {Report} report */
  function drawModel(report) {
    seen = report;
    replace(about, withInfo('agreement', describeQuestion(report)));
    replace(
      terms,
      badges(
        hasBase(report)
          ? [gateOf(report), 'changed in bf16', 'independent of k and α']
          : ['changed as the deltas list'],
      ),
    );
    // A tensor's entry hangs at every run that has it; all tensors are those of all runs.
    const all = new Map(
      report.runs.flatMap(({ tensors }) => tensors).map((tensor) => [tensor.name, tensor]),
    );
    replace(
      model,
      modelPart(
        report,
        [...all.values()].filter(({ overlap }) => overlap),
      ),
    );
  }

  /** @param {State} state */
  async function draw({ report, run, tensor: name }) {
    if (!report) return;
    const has = hasOverlaps(report);
    nothing.hidden = has;
    title.textContent = titleOf(report);
    for (const part of [about, terms, model, selected]) part.hidden = !has;
    if (!has) {
      seen = null;
      for (const part of [about, terms, model, selected]) replace(part);
      return;
    }
    if (report !== seen) drawModel(report);
    const tensor = name === null ? null : await loadTensor(report, run, name).catch(() => null);
    const { state } = store;
    // An answer that comes after the next question is dropped.
    if (state.report === report && state.run === run && state.tensor === name)
      replace(selected, tensor && tensorPart(report, tensor));
  }
  onTheme(() => draw(store.state));
  return { element, keys: ['report', 'run', 'tensor'], draw };
}
