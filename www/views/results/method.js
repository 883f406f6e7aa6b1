// How a result was computed and what it is read against: files, settings, what was left out, the
// sources of published ranges, and what each metric means.
import { breakable, fold, h, replace } from '../../dom/elements.js';
import { describeBackend } from '../../report/backend.js';
import { describeCheck } from '../../report/checked.js';
import { FIGURES, SOURCES as PAPERS } from '../../report/figures.js';
import { bytes, count, counted, duration, moment, parameters } from '../../report/format.js';
import { describeCompared } from '../../report/compared.js';
import { hasBase } from '../../report/listed.js';
import { GROUPS, METRICS } from '../../report/metrics.js';
import { listRenamings } from '../../report/renamings.js';
import { SOURCES } from '../../report/reported-words.js';
import { factsTable } from '../parts/figure.js';
import { leftOut } from '../parts/left-out.js';
import { describeMethod } from './head.js';
import { withoutFisher } from './notices.js';

/** @import { CheckpointSummary, Report } from '../../report/model.js' */
/** @import { Child } from '../../dom/elements.js' */
/** @import { Part } from '../parts/part.js' */
/** @import { State } from '../../app/state.js' */

/**
 * @param {string} title
 * @param {Child[]} content
 */
const block = (title, ...content) =>
  h('section', { class: 'method-block' }, h('h3', {}, title), content);

/**
 * @param {string} role
 * @param {CheckpointSummary} checkpoint
 * @returns {Child[]}
 */
const fileRow = (role, { name, bytes: size, dtypes, files, parameters: weights, tensors }) => [
  breakable(name),
  role,
  count(tensors),
  parameters(weights),
  Object.keys(dtypes).join(', '),
  bytes(size),
  files.length === 1
    ? h('code', {}, breakable(files[0].name))
    : fold(
        `files of ${role} ${name}`,
        counted(files.length, 'file'),
        h(
          'ul',
          { class: 'names' },
          files.map((file) => h('li', {}, h('code', {}, file.name), ` ${bytes(file.bytes)}`)),
        ),
      ),
];

/** @param {Report} report */
const files = ({ base, fisher, runs }) =>
  block(
    'Files',
    factsTable(
      '',
      ['Name', 'Role', 'Tensors', 'Weights', 'Stored as', 'Size', 'Files'],
      [
        ...(base ? [fileRow('base', base)] : []),
        ...runs.map(({ checkpoint }) => fileRow('tuned', checkpoint)),
        ...(fisher ? [fileRow('importance weights', fisher)] : []),
      ],
    ),
  );

/** @type {Record<string, string>} */
const SETTINGS = {
  k: 'k, rank of the principal subspaces',
  alphas: 'α, share of the weights in a mask',
  eta: 'η, relative step that counts as a change',
  abs_tolerance: 'tolerance of |Δ|',
  layers: 'layers',
  exact_limit: 'largest side with an exact spectrum',
  map_side: 'cells of a map along a side',
  backend: 'backend asked for',
  comparison: 'checkpoint type',
  function_preserving: 'V/O rotations looked for',
  seed: 'seed',
};

/** @param {unknown} value */
const settingText = (value) =>
  value === null || value === undefined
    ? 'not set'
    : typeof value === 'boolean'
      ? { true: 'yes', false: 'no' }[`${value}`]
      : Array.isArray(value)
        ? value.join(', ')
        : String(value).replaceAll('_', ' ');

/** @param {Report} report */
const settings = (report) =>
  block(
    'Settings',
    factsTable(
      '',
      ['Setting', 'Value'],
      Object.entries(report.settings).map(([name, value]) => [
        SETTINGS[name] ?? name.replaceAll('_', ' '),
        settingText(value),
      ]),
    ),
  );

/**
 * @param {Report} report
 * @param {number} run
 */
function computed(report, run) {
  const { timings } = report;
  const stages = Object.entries(timings?.stages ?? {}).filter(([, seconds]) => seconds > 0);
  return block(
    'Computed',
    h(
      'p',
      {},
      `In ${duration(timings?.total)} by ${describeBackend(report.backend)}, ` +
        `${moment(report.created)}, by ${report.generator}. ` +
        `${hasBase(report) ? `Spectra of this run: ${describeMethod(report, run)}.` : ''}`,
    ),
    report.check && h('p', {}, describeCheck(report)),
    stages.length > 0 &&
      fold(
        'stages',
        'Time by stage',
        factsTable(
          '',
          ['Stage', 'Time, all workers'],
          stages.map(([name, seconds]) => [name.replaceAll('_', ' '), duration(seconds)]),
        ),
      ),
  );
}

/** @param {import('../../report/model.js').Run} run */
function describeExtent({ coverage, tensors: all }) {
  const share = describeCompared(coverage);
  const weights = share ?? (coverage && 'all weights of both sides');
  const done = all.filter(({ status }) => status !== 'failed').length;
  return `${count(done)} compared${weights ? `: ${weights}` : ''}.`;
}

/**
 * @param {Report} report
 * @param {number} run
 */
const tensors = (report, run) =>
  block(
    `Tensors of ${report.runs[run].checkpoint.name}`,
    h('p', {}, describeExtent(report.runs[run])),
    listRenamings(report.runs[run]).map((text) => h('p', { class: 'renaming' }, text)),
    h('div', { class: 'left-out' }, leftOut(report.runs[run].left_out)),
    withoutFisher(report.runs[run]),
  );

const published = () =>
  block(
    'Published ranges',
    h('p', {}, 'They are of other models: context for a value, not a verdict.'),
    h(
      'ul',
      { class: 'sources' },
      Object.values(SOURCES).map(({ authors, title, arxiv }) =>
        h(
          'li',
          {},
          `${authors}: `,
          h('cite', {}, title ?? 'untitled'),
          '. ',
          h('a', { href: `https://arxiv.org/abs/${arxiv}`, rel: 'noreferrer' }, `arXiv ${arxiv}`),
        ),
      ),
    ),
  );

/** What each metric means, how it is computed and from where: docs/metrics.md says more. */
const definitions = () =>
  h(
    'section',
    { class: 'method-block definitions' },
    h('h3', { id: 'definitions', tabIndex: -1 }, 'What the metrics mean'),
    h(
      'p',
      {},
      'Against random means: beside an update of the same size whose entries are independent. ' +
        '“3× random” is three times what such an update would give. docs/metrics.md says more.',
    ),
    GROUPS.map((group) =>
      fold(
        `definitions of ${group}`,
        group,
        h(
          'dl',
          {},
          METRICS.filter((metric) => metric.group === group).map(({ id, label, about }) => {
            const figure = FIGURES.find((one) => one.id === id);
            const paper = figure?.source ? PAPERS[figure.source.paper] : null;
            return [
              h('dt', {}, label),
              h(
                'dd',
                {},
                about,
                figure?.formula && [' ', h('code', {}, figure.formula)],
                paper && [
                  ' ',
                  h(
                    'a',
                    { href: `https://arxiv.org/abs/${paper.arxiv}`, rel: 'noreferrer' },
                    `arXiv ${paper.arxiv}`,
                  ),
                ],
              ),
            ];
          }),
        ),
      ),
    ),
  );

/** @returns {Part} */
export function methodPart() {
  const element = h('div', { class: 'method' });
  /** @param {State} state */
  function draw({ report, run }) {
    if (!report?.runs[run]) return;
    replace(
      element,
      files(report),
      settings(report),
      computed(report, run),
      tensors(report, run),
      published(),
      definitions(),
    );
  }
  return { element, keys: ['report', 'run'], draw };
}
