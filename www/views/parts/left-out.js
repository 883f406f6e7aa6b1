// What could not be compared, and what an adapter leaves as it is, each folded.
import { h } from '../../dom/elements.js';
import { count } from '../../report/format.js';
import { REASONS } from '../../report/reasons.js';

const folded = (summary, list) =>
  h(
    'details',
    {},
    h('summary', {}, summary),
    h(
      'ul',
      { class: 'names' },
      list.map(({ name, detail }) => h('li', {}, h('code', {}, name), ` ${detail}`)),
    ),
  );

export function leftOut(list) {
  const [kept, out] = [true, false].map((untouched) =>
    (list ?? []).filter(({ reason }) => (reason === 'not_adapted') === untouched),
  );
  const reasons = [...new Set(out.map(({ reason }) => reason))];
  const summary = reasons
    .map(
      (reason) =>
        `${out.filter((one) => one.reason === reason).length} ${REASONS[reason] ?? reason}`,
    )
    .join(', ');
  return [
    out.length
      ? folded(`Left out: ${summary}`, out)
      : h('span', { class: 'quiet' }, 'Nothing left out'),
    kept.length > 0 &&
      folded(`${count(kept.length)} tensors that the adapter leaves as they are`, kept),
  ];
}
