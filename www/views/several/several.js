// What several runs of one base have in common: the model, and the tensor that the detail view
// shows.
import { breakable, h, replace } from '../../dom/elements.js';
import { afterReport } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { count, counted, enumerate, number, signed } from '../../report/format.js';
import { describePartOfRuns } from '../../report/extent.js';
import { hasBase, findVersions } from '../../report/listed.js';
import { hasOverlaps, modelOverlap } from '../../report/overlaps.js';
import { loadTensor } from '../../report/details.js';
import { REPORTED } from '../../report/reported.js';
import { allWholeRuns, areSteps } from '../../report/comparison.js';
import { onTheme } from '../../charts/theme.js';
import { cards, figures } from './figures.js';
import { reportedTable } from './tables.js';
import { modelSteps, tensorSteps } from './steps.js';

/** @import { Detailed, Report, Tensor } from '../../report/model.js' */
/** @import { State } from '../../app/state.js' */

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
      h('p', { class: 'note' }, 'No tensor is in all runs, so there are no figures of the model.'),
    ];
  const shared = (report.overlaps ?? []).filter(
    ({ name, runs }) => name !== null && runs.length === entry.runs.length,
  ).length;
  const dtype = [...new Set(tensors.map((tensor) => tensor.dtype))].join(', ');
  return [
    title,
    modelSteps(entry, namesOf(report), part),
    h(
      'p',
      { class: 'about' },
      `Summed over the ${counted(shared, 'tensor')} that all runs have${
        entry.parameters
          ? `, ${count(entry.parameters)} weights. Chance keeps each tensor’s own densities, ` +
            'so that runs that change the same tensors do not differ from chance by that alone.'
          : '.'
      }`,
    ),
    cards(entry, { gate: gateOf(report), dtype, part }),
    figures(
      entry,
      entry.runs.map((run) => report.runs[run].checkpoint.name),
      null,
      allWholeRuns(report) ? reportedTable(tensors) : null,
    ),
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
      : `reported for ${tensor.module} in block 13 of five RLVR runs: ${number(jaccard)}, ` +
        `chance ${number(chance)}, excess ${signed(jaccard - chance)}`;
  const missing =
    entry.runs.length < report.runs.length &&
    h('p', { class: 'note' }, `Only ${enumerate(names)} have this tensor.`);
  return [
    title,
    missing,
    tensorSteps(entry, modelOverlap(report), namesOf(report), describePartOfRuns(report)),
    cards(entry, { gate: gateOf(report), dtype: tensor.dtype, reported }),
    figures(entry, names, tensor.shape),
  ];
}

export function severalView() {
  const model = h('section', { 'aria-labelledby': 'several-model' });
  const selected = h('section', { 'aria-labelledby': 'several-tensor' });
  const about = h('p', { class: 'about' });
  const terms = h('div', {});
  const title = h('h3', { id: 'several-title', tabIndex: -1 });
  const section = h(
    'section',
    { class: 'block panel', id: 'several', 'aria-labelledby': 'several-title', hidden: true },
    title,
    about,
    terms,
    model,
    selected,
  );
  store.watch(
    ['report'],
    afterReport((/** @type {State} */ { report }) => {
      section.hidden = !hasOverlaps(report);
      if (section.hidden || !report) return;
      const [steps, based, versions] = [areSteps(report), hasBase(report), findVersions(report)];
      title.textContent = steps
        ? 'Steps of one run'
        : versions
          ? describeVersions(versions)
          : 'Several runs';
      about.textContent = steps
        ? 'What did each step change? The saves are taken in this order: ' +
          `${enumerate(namesOf(report))}. Where they are compared with each other and not with ` +
          'the one before, it is by all that changed since the base: ' +
          'a save inherits from those before it, so chance levels of independent runs are no ' +
          'measure of agreement here.'
        : `Do the ${versions ? 'steps' : 'runs'} change the same weights` +
          (based
            ? ', and in the same direction?'
            : '? In which direction is not known without the base.') +
          (versions
            ? ' By their versions each follows the one before; that they are of one run can’t be ' +
              'told from the files. A run below is one of them.'
            : '') +
          ` All figures here are of ${enumerate(namesOf(report))} together, whichever tab is ` +
          'open.';
      replace(
        terms,
        badges(
          based
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
    }),
  );
  /** @param {State} state */
  const draw = async (state) => {
    const { report, run, tensor: name } = state;
    const tensor =
      report && hasOverlaps(report) && name !== null && (await loadTensor(report, run, name));
    if (state.report !== report || state.run !== run || state.tensor !== name) return;
    replace(selected, report && tensor && tensorPart(report, tensor));
  };
  store.watch(['report', 'run', 'tensor'], afterReport(draw));
  onTheme(() => draw(store.state));
  return section;
}
