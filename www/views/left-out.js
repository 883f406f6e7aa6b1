// What could not be compared, and what an adapter leaves as it is, each folded.
import { h } from '../dom.js';
import { count } from '../format.js';

export const REASONS = {
  only_in_base: 'only in the base',
  only_in_tuned: 'only in the tuned',
  shape_differs: 'shape differs',
  unsupported_dtype: 'dtype not supported',
  bad_scale: 'scale not usable',
  bad_delta: 'delta not usable',
  missing_shard: 'shard missing',
  bad_file: 'file not readable',
  duplicate: 'duplicate',
  layer_not_selected: 'layer not selected',
  empty: 'empty',
  failed: 'failed',
  not_adapted: 'not adapted',
  bad_adapter: 'adapter not usable',
};

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
