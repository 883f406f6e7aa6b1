// What was found, before anything is computed.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { bytes, count, counted, duration, parameters } from '../../report/format.js';
import { isAdapterConfig } from '../../app/grouping.js';
import { recallPace } from '../../app/pace.js';
import { explainMismatch } from '../../app/mismatch.js';
import { describeCompared as describeShare, describeRows } from '../../report/compared.js';
import { hasBase } from '../../report/listed.js';
import { listRenamings } from '../../report/renamings.js';
import { leftOut } from '../parts/left-out.js';

/** @import { CheckpointSummary } from '../../report/model.js' */
/** @import { Estimate, FoundRun } from '../../app/state.js' */
/** @import { Child } from '../../dom/elements.js' */

/** @param {Record<string, number>} [counts] */
const describeDtypes = (counts = {}) =>
  Object.entries(counts)
    .map(([name, tensors]) => `${name} × ${tensors}`)
    .join(', ') || '–';

/**
 * What a tuned checkpoint is, by its place among those that were given.
 * @param {FoundRun} run
 * @param {number} place
 */
function roleOf({ delta }, place) {
  if (delta) return 'delta';
  const filled = store.state.tuned.flatMap(({ files }) => (files ? [files] : []));
  return filled[place]?.some(({ name }) => isAdapterConfig(name)) ? 'adapter' : 'tuned';
}

/**
 * @param {string} role
 * @param {CheckpointSummary} summary
 * @param {string} compared
 * @param {Child} out
 * @param {string[]} [renamings]
 */
const row = (role, summary, compared, out, renamings = []) =>
  h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      summary.name,
      summary.name !== role && h('span', { class: 'role' }, role),
    ),
    cell('Tensors', count(summary.tensors)),
    cell('Parameters', parameters(summary.parameters)),
    cell('Dtypes', describeDtypes(summary.dtypes)),
    cell('Size', bytes(summary.bytes)),
    cell('Files', count(summary.files.length)),
    cell('Compared', compared, renamings),
    h('td', { 'data-label': 'Left out', class: out === '' ? 'empty' : null }, out),
  );

/**
 * On a narrow screen the row is a list, and each value needs its name.
 * @param {string} label
 * @param {string} text
 * @param {string[]} [more] Sentences below it.
 */
const cell = (label, text, more = []) =>
  h(
    'td',
    { class: text === '' ? 'n empty' : 'n', 'data-label': label },
    text,
    more.map((sentence) => h('p', { class: 'renaming' }, sentence)),
  );

/** @param {number} weights */
const describeWeights = (weights) =>
  weights ? `${parameters(weights)} parameters` : 'shapes unknown';

/** @param {FoundRun} run */
function describeCompared({ compared, parameters: weights, coverage, left_out: leftOutOfRun }) {
  if (!compared) return 'nothing';
  const what = `${counted(compared, 'tensor')}, ${describeWeights(weights)}`;
  const share = describeShare(coverage);
  const rows = describeRows({ left_out: leftOutOfRun });
  return [what, share, rows].filter(Boolean).join(': ');
}

/** What has to be known before a run. */
function warnings() {
  const list = h('div', { class: 'warnings' });
  store.watch(['inventory', 'identical'], ({ inventory, identical }) => {
    const based = Boolean(inventory && hasBase(inventory));
    const unmatched = (inventory?.runs ?? []).flatMap((run) => explainMismatch(run, based) ?? []);
    replace(
      list,
      unmatched.map((text) => h('p', { class: 'problem mismatch', role: 'alert' }, text)),
      identical.map((text) => h('p', { class: 'note identical', role: 'status' }, text)),
    );
  });
  return list;
}

/** Beyond these a run is warned of. */
const LONG_SECONDS = 3600;
const LARGE_BYTES = 100e6;

/**
 * What a run is expected to take.
 * @param {{ estimate: Estimate | null }} inventory
 */
function describeEstimate({ estimate }) {
  if (!estimate?.matrices) return null;
  const { report_bytes: size, task_bytes: memory, core_seconds: seconds } = estimate;
  const workers = Math.min(navigator.hardwareConcurrency || 1, 8);
  const { pace, measured } = recallPace();
  const time = (pace * seconds) / workers;
  const much = time > LONG_SECONDS || size > LARGE_BYTES;
  return h(
    'p',
    much ? { class: 'problem estimate', role: 'alert' } : { class: 'quiet estimate' },
    `Expected: about ${duration(Math.max(1, time))} on the CPU with ` +
      `${counted(workers, 'worker')}${measured ? ' by what the last run took here' : ''}, ` +
      `${bytes(memory * workers + 2 * size)} of memory, a report ` +
      `of ${bytes(size)}.${
        much ? ' Fewer layers or fewer checkpoints at once, or the native program, take less.' : ''
      }`,
  );
}

export function foundView() {
  const section = h('section', { class: 'panel found', 'aria-labelledby': 'found-title' });
  const told = warnings();
  store.watch(['inventory', 'phase'], ({ inventory, phase }) => {
    section.hidden = !inventory || !['found', 'reading'].includes(phase);
    if (section.hidden || !inventory) return;
    replace(
      section,
      h('h2', { id: 'found-title', tabIndex: -1 }, 'Found'),
      told,
      h(
        'div',
        { class: 'scroll' },
        h(
          'table',
          { class: 'plain' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              [
                'Checkpoint',
                'Tensors',
                'Parameters',
                'Dtypes',
                'Size',
                'Files',
                hasBase(inventory) ? 'Compared with the base' : 'Listed',
                'Left out',
              ].map((title) => h('th', { scope: 'col' }, title)),
            ),
          ),
          h(
            'tbody',
            {},
            inventory.base && row('base', inventory.base, '', ''),
            inventory.fisher &&
              row('Fisher', inventory.fisher, 'weighs the update of every run', ''),
            inventory.runs.map((run, i) =>
              row(
                roleOf(run, i),
                run.checkpoint,
                describeCompared(run),
                leftOut(run.left_out),
                listRenamings(run),
              ),
            ),
          ),
        ),
      ),
      describeEstimate(inventory),
      !hasBase(inventory) &&
        h(
          'p',
          { class: 'quiet' },
          'No base: which weights changed will be known, but not by how much.',
        ),
    );
  });
  return section;
}
