// Where values come from, in a line: it stands below everything that leaves the page.
import { countExact } from '../report/exactness.js';
import { describePart } from '../report/extent.js';
import { count } from '../report/format.js';
import { hasBase } from '../report/listed.js';

/** @import { View } from '../panels/view.js' */
/** @import { Report, Run } from '../report/model.js' */

/**
 * What a report compares: its base, where it has one, and its runs.
 * @param {Pick<Report, 'base'>} report
 * @param {Pick<Run, 'checkpoint'>[]} runs
 */
export function nameCompared({ base }, runs) {
  const names = runs.map(({ checkpoint }) => checkpoint.name).join(', ');
  return base ? `${base.name} → ${names}` : names;
}

/**
 * How many matrices are exact; null where there are none.
 * @param {Pick<Run, 'tensors'>[]} runs
 */
export function describeExactness(runs) {
  const { matrices, exact } = countExact(runs);
  if (!matrices) return null;
  if (exact === matrices) return 'exact';
  if (exact === 0) return 'estimated';
  return `${count(exact)} of ${count(matrices)} matrices exact, the others estimated`;
}

/**
 * The settings that every value depends on, and the dtypes that were compared.
 * @param {Report} report
 * @param {Run[]} runs
 */
export function describeSettings(report, runs) {
  const { k, alphas, eta } = report.settings;
  const dtypes = new Set(runs.flatMap(({ tensors }) => tensors.map(({ dtype }) => dtype)));
  const named = [...dtypes].filter(Boolean).join(', ');
  const settings = hasBase(report) ? [`k = ${k}`, `α = ${alphas.join(', ')}`, `η = ${eta}`] : [];
  return [...settings.map((setting) => setting.replace(/ /g, '\u00a0')), named]
    .filter(Boolean)
    .join(', ');
}

/**
 * The runs that a view shows; all where it says nothing of them.
 * @param {Report} report
 * @param {number[]} [places]
 */
export const runsAt = (report, places) =>
  places ? places.flatMap((place) => report.runs[place] ?? []) : report.runs;

/** Figures of one tensor, which are of one run, too. */
export const OF_A_TENSOR = new Set(['spectrum', 'angles', 'map']);

/**
 * The runs that a panel shows of a view: a source line names no others.
 * @param {string} panel
 * @param {Pick<View, 'run' | 'runs' | 'arrangement'>} view
 */
export function runsIn(panel, { run, runs, arrangement }) {
  const one = OF_A_TENSOR.has(panel) || (panel === 'heatmap' && arrangement === 'one');
  return one ? [run] : runs;
}

/**
 * The parts of a model that runs are of, in words; none where they are of all of it.
 * @param {Report} report
 * @param {Run[]} runs
 */
export const partsOf = (report, runs) => [
  ...new Set(runs.flatMap((run) => describePart(report, run) ?? [])),
];

/**
 * `Gatescope · base → run · k = 16, α = 0.3, η = 0.001, BF16 · exact`. A part of a model says that
 * it is one.
 * @param {Report} report
 * @param {number[]} [places] Of the runs that are shown.
 */
export function sourceLine(report, places) {
  const runs = runsAt(report, places);
  return [
    'Gatescope',
    `${nameCompared(report, runs)}${hasBase(report) ? '' : ', without the base'}`,
    describeSettings(report, runs),
    describeExactness(runs),
    ...partsOf(report, runs),
  ]
    .filter(Boolean)
    .join(' · ');
}

/**
 * A name for a file, of what every system takes.
 * @param {Report} report
 * @param {string} ending Of the name, with its dot.
 * @param {string} [part] What the file is of.
 */
export function fileName(report, ending, part) {
  const names = [report.base?.name, ...report.runs.map(({ checkpoint }) => checkpoint.name), part];
  const safe = names
    .filter(Boolean)
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '');
  return `gatescope-${safe.slice(0, 80) || 'report'}${ending}`;
}
