// What has to be known before any figure of a run is read.
import { h } from '../dom.js';

const list = (summary, tensors, text, attributes = {}) => h('details', attributes, h('summary', {}, summary),
  h('ul', { class: 'names' }, tensors.map((tensor) => h('li', {}, h('code', {}, tensor.name), ` ${text(tensor) ?? ''}`))));

function failures({ tensors }) {
  const failed = tensors.filter(({ status }) => status === 'failed');
  return failed.length > 0 && list(`${failed.length} tensors failed`, failed, ({ error }) => error, { class: 'problem' });
}

const cancelled = ({ partial }) => partial
  && h('p', { class: 'problem', role: 'status' }, `Cancelled: ${partial.finished} of ${partial.total} tensors were finished; only these are shown.`);

/** In the order in which they matter. */
export const notices = (report, run) => [cancelled(report), failures(run)];

/** Tensors that the Fisher given says nothing of. */
export function withoutFisher({ tensors }) {
  const held = tensors.filter(({ fisher_note: note }) => note);
  return held.length > 0 && list(`Without Fisher figures: ${held.length} of ${tensors.length} tensors`, held, ({ fisher_note: note }) => note);
}
