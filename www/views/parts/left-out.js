// What could not be compared, and what an adapter leaves as it is, each folded.
import { h } from '../../dom/elements.js';
import { count } from '../../report/format.js';
import { REASONS } from '../../report/reasons.js';

/** @import { LeftOut, LeftOutReason } from '../../report/model.js' */

/**
 * @param {string} summary
 * @param {LeftOut[]} tensors
 */
const foldNames = (summary, tensors) =>
  h(
    'details',
    {},
    h('summary', {}, summary),
    h(
      'ul',
      { class: 'names' },
      tensors.map(({ name, detail }) => h('li', {}, h('code', {}, name), ` ${detail}`)),
    ),
  );

/** @param {LeftOut[]} [all] */
export function leftOut(all = []) {
  const kept = all.filter(({ reason }) => reason === 'not_adapted');
  const out = all.filter(({ reason }) => reason !== 'not_adapted');
  /** @type {Map<LeftOutReason, number>} */
  const counts = new Map();
  for (const { reason } of out) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const summary = [...counts].map(([reason, number]) => `${number} ${REASONS[reason]}`).join(', ');
  return [
    out.length
      ? foldNames(`Left out: ${summary}`, out)
      : h('span', { class: 'quiet' }, 'Nothing left out'),
    kept.length > 0 &&
      foldNames(`${count(kept.length)} tensors that the adapter leaves as they are`, kept),
  ];
}
