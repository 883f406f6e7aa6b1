// What could not be compared, and what an adapter leaves as it is, each folded.
import { h } from '../../dom/elements.js';
import { count, counted } from '../../report/format.js';
import { REASONS } from '../../report/reasons.js';

/** @import { LeftOut, LeftOutReason } from '../../report/model.js' */

/** More names than these are not put on the page. */
const MOST_NAMES = 200;

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
      tensors
        .slice(0, MOST_NAMES)
        .map(({ name, detail }) => h('li', {}, h('code', {}, name), ` ${detail}`)),
      tensors.length > MOST_NAMES &&
        h('li', {}, `… and ${count(tensors.length - MOST_NAMES)} more`),
    ),
  );

/** @param {LeftOut[]} [all] */
export function leftOut(all = []) {
  const kept = all.filter(({ reason }) => reason === 'not_adapted');
  const out = all.filter(({ reason }) => reason !== 'not_adapted');
  /** @type {Map<LeftOutReason, number>} */
  const counts = new Map();
  for (const { reason } of out) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const summary = [...counts]
    .map(([reason, number]) => `${REASONS[reason]} (${count(number)})`)
    .join(' · ');
  return [
    out.length
      ? foldNames(`Left out: ${summary}`, out)
      : h('span', { class: 'quiet' }, 'All tensors matched'),
    kept.length > 0 &&
      foldNames(`${counted(kept.length, 'tensor')} that the adapter leaves as they are`, kept),
  ];
}
