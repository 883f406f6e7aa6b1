// What was found, before anything is computed.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { bytes, count, counted, parameters } from '../../report/format.js';
import { isAdapterConfig } from '../../app/input.js';
import { hasBase } from '../../report/listed.js';
import { leftOut } from '../parts/left-out.js';

/** @import { CheckpointSummary } from '../../report/model.js' */
/** @import { FoundRun } from '../../app/state.js' */
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
 */
const row = (role, summary, compared, out) =>
  h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      summary.name,
      summary.name !== role && h('span', { class: 'role' }, role),
    ),
    h('td', { class: 'n' }, count(summary.tensors)),
    h('td', { class: 'n' }, parameters(summary.parameters)),
    h('td', { class: 'n' }, describeDtypes(summary.dtypes)),
    h('td', { class: 'n' }, bytes(summary.bytes)),
    h('td', { class: 'n' }, count(summary.files.length)),
    h('td', { class: 'n' }, compared),
    h('td', {}, out),
  );

/** @param {number} weights */
const describeWeights = (weights) =>
  weights ? `${parameters(weights)} parameters` : 'shapes not told';

export function foundView() {
  const section = h('section', { class: 'panel', 'aria-labelledby': 'found-title' });
  store.watch(['inventory', 'phase'], ({ inventory, phase }) => {
    section.hidden = !inventory || !['found', 'running', 'reading'].includes(phase);
    if (section.hidden || !inventory) return;
    replace(
      section,
      h('h2', { id: 'found-title' }, 'Found'),
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
                `${counted(run.compared, 'tensor')}, ${describeWeights(run.parameters)}`,
                leftOut(run.left_out),
              ),
            ),
          ),
        ),
      ),
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
