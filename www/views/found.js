// What was found, before anything is computed.
import { h, replace } from '../dom.js';
import { store } from '../state.js';
import { bytes, count, parameters } from '../format.js';

const REASONS = {
  only_in_base: 'only in the base', only_in_tuned: 'only in the tuned', shape_differs: 'shape differs', dtype_differs: 'dtype differs',
  unsupported_dtype: 'dtype not supported', missing_shard: 'shard missing', bad_file: 'file not readable', duplicate: 'duplicate',
  layer_not_selected: 'layer not selected', empty: 'empty', bad_scale: 'scale not usable', failed: 'failed',
};

const dtypes = (held) => Object.entries(held ?? {}).map(([name, n]) => `${name} × ${n}`).join(', ') || '–';

export function leftOut(list) {
  if (!list?.length) return h('span', { class: 'quiet' }, 'Nothing left out');
  const reasons = [...new Set(list.map(({ reason }) => reason))];
  const summary = reasons.map((reason) => `${list.filter((one) => one.reason === reason).length} ${REASONS[reason] ?? reason}`).join(', ');
  return h('details', {}, h('summary', {}, `Left out: ${summary}`),
    h('ul', { class: 'names' }, list.map(({ name, detail }) => h('li', {}, h('code', {}, name), ` ${detail}`))));
}

const row = (role, summary, compared, out) => h('tr', {},
  h('th', { scope: 'row' }, summary.name, summary.name !== role && h('span', { class: 'role' }, role)),
  h('td', { class: 'n' }, count(summary.tensors)),
  h('td', { class: 'n' }, parameters(summary.parameters)),
  h('td', { class: 'n' }, dtypes(summary.dtypes)),
  h('td', { class: 'n' }, bytes(summary.bytes)),
  h('td', { class: 'n' }, count(summary.files.length)),
  h('td', { class: 'n' }, compared), h('td', {}, out));

export function foundView() {
  const section = h('section', { class: 'panel', 'aria-labelledby': 'found-title' });
  store.watch(['inventory', 'phase'], ({ inventory, phase }) => {
    section.hidden = !inventory || !['found', 'running', 'reading'].includes(phase);
    if (section.hidden) return;
    replace(section, h('h2', { id: 'found-title' }, 'Found'),
      h('div', { class: 'scroll' }, h('table', { class: 'plain' },
        h('thead', {}, h('tr', {}, ['Checkpoint', 'Tensors', 'Parameters', 'Dtypes', 'Size', 'Files', 'Compared with the base', 'Left out']
          .map((title) => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, row('base', inventory.base, '', ''),
          inventory.fisher && row('Fisher', inventory.fisher, 'weighs the update of every run', ''),
          inventory.runs.map((run) => row('tuned', run.checkpoint,
            `${count(run.pairs)} tensors, ${parameters(run.parameters)} parameters`, leftOut(run.left_out)))))));
  });
  return section;
}
